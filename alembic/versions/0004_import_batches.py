"""Imports: what each one wrote, so that it can be carried on and undone."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The digest is keyed and of the file's content: a file's name may be somebody's, and a plain hash would tell whoever
# has a dump and a file that the one was made of the other.


def upgrade() -> None:
    op.execute("""
        CREATE TABLE import_batch (
            id uuid NOT NULL CONSTRAINT pk_import_batch PRIMARY KEY,
            state varchar(32) NOT NULL
                CONSTRAINT ck_import_batch_importstate CHECK (state IN ('RUNNING', 'DONE', 'UNDONE')),
            file_digest bytea NOT NULL,
            actor_id uuid CONSTRAINT fk_import_batch_actor_id REFERENCES staff_member (id),
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            undone_at timestamptz,
            read integer NOT NULL,
            written integer NOT NULL,
            present integer NOT NULL,
            repeated integer NOT NULL,
            rejected integer NOT NULL,
            kept integer
        );
        CREATE INDEX ix_import_batch_file_digest ON import_batch (file_digest);

        CREATE TABLE import_row (
            batch_id uuid NOT NULL CONSTRAINT fk_import_row_batch_id REFERENCES import_batch (id),
            line integer NOT NULL,
            customer_id uuid NOT NULL
                CONSTRAINT fk_import_row_customer_id REFERENCES customer (id) ON DELETE CASCADE,
            CONSTRAINT pk_import_row PRIMARY KEY (batch_id, line)
        );
        CREATE INDEX ix_import_row_customer_id ON import_row (customer_id);
    """)


def downgrade() -> None:
    op.execute("DROP TABLE import_row, import_batch")
