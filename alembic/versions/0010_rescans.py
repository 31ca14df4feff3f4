"""Rescans: how far stored texts have been gone through again with a newer detection."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE rescan_progress (
            text text NOT NULL CONSTRAINT pk_rescan_progress PRIMARY KEY,
            version integer NOT NULL,
            last_id uuid,
            read integer NOT NULL,
            found integer NOT NULL,
            done boolean NOT NULL
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE rescan_progress")
