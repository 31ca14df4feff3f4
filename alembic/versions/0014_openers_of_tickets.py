"""Who opened a ticket, so that they go on reading it."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE ticket ADD COLUMN opened_by_id uuid
            CONSTRAINT fk_ticket_opened_by_id REFERENCES staff_member (id);
        UPDATE ticket SET opened_by_id = event.actor_id
          FROM event JOIN staff_member ON staff_member.id = event.actor_id
         WHERE event.ticket_id = ticket.id AND event.kind = 'TICKET_OPENED';
        CREATE INDEX ix_ticket_opened_by_id_open_until ON ticket
            (opened_by_id, coalesce(closed_at, '9999-01-01 00:00:00+00'::timestamptz));
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE ticket DROP COLUMN opened_by_id")
