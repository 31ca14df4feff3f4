"""Acts: what was answered under an Idempotency-Key."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
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


def downgrade() -> None:
    op.execute("DROP TABLE idempotency_record")
