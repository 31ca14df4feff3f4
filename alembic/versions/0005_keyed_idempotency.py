"""Idempotency keys as keyed digests."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The words of clients stood here in clear, and what they typed as a key may be anybody's number. The table is made anew
# and the records are gone, either way: they are a memory of seven days, digests cannot be made without the key ring,
# and nothing makes words of digests. So a request that was sent before the migration and is repeated after it is a new
# one. Deleted rows would lie in the table's file until it is vacuumed.


def upgrade() -> None:
    op.execute("""
        DROP TABLE idempotency_record;
        CREATE TABLE idempotency_record (
            caller_id uuid NOT NULL,
            digest bytea NOT NULL,
            fingerprint bytea NOT NULL,
            outcome jsonb,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_idempotency_record PRIMARY KEY (caller_id, digest)
        );
        CREATE INDEX ix_idempotency_record_created_at ON idempotency_record (created_at);
    """)


def downgrade() -> None:
    op.execute("""
        DROP TABLE idempotency_record;
        CREATE TABLE idempotency_record (
            caller_id uuid NOT NULL,
            key text NOT NULL,
            field text NOT NULL,
            fingerprint bytea NOT NULL,
            outcome jsonb,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_idempotency_record PRIMARY KEY (caller_id, key, field)
        );
        CREATE INDEX ix_idempotency_record_created_at ON idempotency_record (created_at);
    """)
