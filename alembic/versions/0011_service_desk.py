"""The service desk: routes of tickets, business settings, callers, and what tickets are searched and ordered by."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROUTES_AND_SETTINGS = """
CREATE TABLE ticket_route (
    id uuid NOT NULL CONSTRAINT pk_ticket_route PRIMARY KEY,
    kind varchar(32) CONSTRAINT ck_ticket_route_ticketkind
        CHECK (kind IN ('QUESTION', 'COMPLAINT', 'AFTER_SALES', 'RETURN_EXCHANGE')),
    team_id uuid CONSTRAINT fk_ticket_route_team_id REFERENCES team (id),
    version integer NOT NULL,
    changed_at timestamptz,
    changed_by_id uuid CONSTRAINT fk_ticket_route_changed_by_id REFERENCES staff_member (id),
    reason text
);
CREATE UNIQUE INDEX ix_ticket_route_kind ON ticket_route (kind) NULLS NOT DISTINCT;
INSERT INTO ticket_route (id, kind, version) VALUES
    ('00000000-0000-7000-8000-000000000001', 'QUESTION', 1),
    ('00000000-0000-7000-8000-000000000002', 'COMPLAINT', 1),
    ('00000000-0000-7000-8000-000000000003', 'AFTER_SALES', 1),
    ('00000000-0000-7000-8000-000000000004', 'RETURN_EXCHANGE', 1),
    ('00000000-0000-7000-8000-000000000005', NULL, 1);

CREATE TABLE business_setting (
    id uuid NOT NULL CONSTRAINT pk_business_setting PRIMARY KEY,
    name varchar(32) NOT NULL CONSTRAINT uq_business_setting_name UNIQUE
        CONSTRAINT ck_business_setting_settingname CHECK (name IN ('CLOSED_TICKET_DAYS')),
    value integer NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz,
    changed_by_id uuid CONSTRAINT fk_business_setting_changed_by_id REFERENCES staff_member (id),
    reason text
);
INSERT INTO business_setting (id, name, value, version) VALUES
    ('00000000-0000-7000-8000-000000000001', 'CLOSED_TICKET_DAYS', 90, 1);

CREATE TABLE customer_lookup (
    viewer_id uuid NOT NULL,
    customer_id uuid NOT NULL CONSTRAINT fk_customer_lookup_customer_id REFERENCES customer (id) ON DELETE CASCADE,
    until timestamptz NOT NULL,
    CONSTRAINT pk_customer_lookup PRIMARY KEY (viewer_id, customer_id)
);
CREATE INDEX ix_customer_lookup_customer_id ON customer_lookup (customer_id);
"""

TEXT_PIECES = """
CREATE FUNCTION text_pieces(written text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, place, size)), '{}')
      FROM lower(normalize(written, NFKC)) AS folded, generate_series(1, length(folded)) AS place,
           (VALUES (1), (2)) AS sizes (size)
$$
"""

TICKETS = """
ALTER TABLE ticket
    ADD COLUMN due_rank timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(due_at, '0001-01-01 00:00:00+00'::timestamptz)) STORED,
    ADD COLUMN closed_rank timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(closed_at, '0001-01-01 00:00:00+00'::timestamptz)) STORED,
    ADD COLUMN priority_rank smallint NOT NULL GENERATED ALWAYS AS
        (CASE priority WHEN 'LOW' THEN 0 WHEN 'NORMAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'URGENT' THEN 3 END) STORED;
CREATE INDEX ix_ticket_due_rank_id ON ticket (due_rank, id);
CREATE INDEX ix_ticket_priority_rank_id ON ticket (priority_rank, id);
CREATE INDEX ix_ticket_updated_at_id ON ticket (updated_at, id);
CREATE INDEX ix_ticket_closed_rank_id ON ticket (closed_rank, id);
-- What an agent reads: asked with every row, open tickets and those that were closed lately in one range.
CREATE INDEX ix_ticket_team_id_open_until ON ticket
    (team_id, coalesce(closed_at, '9999-01-01 00:00:00+00'::timestamptz), customer_id);
CREATE INDEX ix_ticket_assignee_id_open_until ON ticket
    (assignee_id, coalesce(closed_at, '9999-01-01 00:00:00+00'::timestamptz), customer_id);
CREATE INDEX ix_ticket_subject_pieces ON ticket USING gin (text_pieces(subject)) WITH (fastupdate = off);
"""

# Tickets that nobody could work on: assigned to a rep who does not own the customer, or who has left; then those that
# wait in no queue, or in the queue of a team without agents.
STRANDED = """
UPDATE ticket SET assignee_id = NULL, version = ticket.version + 1
  FROM staff_member, customer
 WHERE staff_member.id = ticket.assignee_id AND customer.id = ticket.customer_id AND ticket.status <> 'CLOSED'
   AND (NOT staff_member.active
        OR (staff_member.role = 'REP' AND customer.owner_id IS DISTINCT FROM ticket.assignee_id));
UPDATE ticket SET team_id = serving.id, version = ticket.version + 1
  FROM (SELECT team.id FROM team WHERE EXISTS (SELECT 1 FROM staff_member
               WHERE staff_member.team_id = team.id AND staff_member.active AND staff_member.role = 'SUPPORT')
         ORDER BY team.id LIMIT 1) AS serving
 WHERE ticket.status <> 'CLOSED' AND ticket.assignee_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM staff_member
                    WHERE staff_member.team_id = ticket.team_id AND staff_member.active
                      AND staff_member.role = 'SUPPORT');
"""


def upgrade() -> None:
    op.execute(ROUTES_AND_SETTINGS)
    op.execute(TEXT_PIECES)
    op.execute(TICKETS)
    op.execute(STRANDED)


def downgrade() -> None:
    op.execute("""
ALTER TABLE ticket DROP COLUMN due_rank, DROP COLUMN closed_rank, DROP COLUMN priority_rank;
DROP INDEX ix_ticket_subject_pieces;
DROP INDEX ix_ticket_team_id_open_until, ix_ticket_assignee_id_open_until, ix_ticket_updated_at_id;
DROP FUNCTION text_pieces;
DROP TABLE customer_lookup, business_setting, ticket_route;
""")
