"""The first house: staff and partners, customers, interactions, tickets, and the three tables that only grow."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What is personal is sealed: `_sealed` the ciphertext, `_masked` what queries show, `_digest` and `_grams` what exact
# search and search by name find it with. Every key is a UUIDv7 made by the application: PostgreSQL 15 has no uuidv7().

REGISTERS = """
CREATE TABLE tier (
    id uuid NOT NULL CONSTRAINT pk_tier PRIMARY KEY,
    code varchar(32) NOT NULL CONSTRAINT uq_tier_code UNIQUE
        CONSTRAINT ck_tier_tiercode CHECK (code IN ('A', 'B', 'C')),
    name text NOT NULL
);
INSERT INTO tier (id, code, name) VALUES
    ('00000000-0000-7000-8000-000000000001', 'A', '重点客户'),
    ('00000000-0000-7000-8000-000000000002', 'B', '潜力客户'),
    ('00000000-0000-7000-8000-000000000003', 'C', '基础客户');

CREATE TABLE purpose (
    code text NOT NULL CONSTRAINT pk_purpose PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO purpose (code, name) VALUES
    ('FOLLOW_UP', '客户跟进 / Following up a customer'),
    ('SERVICE', '客户服务 / Serving a customer''s ticket'),
    ('CONTRACT', '订立、履行合同 / Concluding and performing a contract'),
    ('DATA_SUBJECT_REQUEST', '处理个人信息主体请求 / Answering a data subject''s request'),
    ('LEGAL_DUTY', '履行法定义务 / A duty under the law');
"""

STAFF_AND_PARTNERS = """
CREATE TABLE team (
    id uuid NOT NULL CONSTRAINT pk_team PRIMARY KEY,
    name text NOT NULL CONSTRAINT uq_team_name UNIQUE
);

CREATE TABLE staff_member (
    id uuid NOT NULL CONSTRAINT pk_staff_member PRIMARY KEY,
    login text NOT NULL CONSTRAINT uq_staff_member_login UNIQUE,
    name text NOT NULL,
    role varchar(32) NOT NULL CONSTRAINT ck_staff_member_role
        CHECK (role IN ('REP', 'SUPPORT', 'MANAGER', 'PRIVACY_OFFICER', 'ADMIN', 'PARTNER')),
    team_id uuid CONSTRAINT fk_staff_member_team_id REFERENCES team (id),
    active boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ix_staff_member_team_id ON staff_member (team_id);

CREATE TABLE partner (
    id uuid NOT NULL CONSTRAINT pk_partner PRIMARY KEY,
    name text NOT NULL CONSTRAINT uq_partner_name UNIQUE,
    contract_from timestamptz NOT NULL,
    contract_until timestamptz NOT NULL,
    grants text[] NOT NULL,
    active boolean NOT NULL
);
"""

CUSTOMERS = """
CREATE TABLE customer (
    id uuid NOT NULL CONSTRAINT pk_customer PRIMARY KEY,
    kind varchar(32) NOT NULL CONSTRAINT ck_customer_customerkind CHECK (kind IN ('PERSON', 'ORGANIZATION')),
    basis varchar(32) NOT NULL CONSTRAINT ck_customer_legalbasis CHECK (basis IN
        ('CONSENT', 'CONTRACT', 'LEGAL_DUTY', 'EMERGENCY', 'NEWS', 'PUBLIC_DATA', 'OTHER_LAW')),

    name_sealed bytea, name_masked text, name_grams integer[] NOT NULL,
    mobile_sealed bytea, mobile_masked text, mobile_digest bytea,
    other_mobile_sealed bytea, other_mobile_masked text, other_mobile_digest bytea,
    email_sealed bytea, email_masked text, email_digest bytea,
    wechat_id_sealed bytea, wechat_id_masked text, wechat_id_digest bytea,
    id_number_sealed bytea, id_number_masked text, id_number_digest bytea,
    address_sealed bytea, address_masked text,
    birth_date_sealed bytea, birth_date_masked text,

    region text,
    industry text,
    source text,
    stage varchar(32) CONSTRAINT ck_customer_lifecyclestage
        CHECK (stage IN ('POTENTIAL', 'AWARENESS', 'PURCHASE', 'LOYALTY', 'CHURN')),
    tier_id uuid CONSTRAINT fk_customer_tier_id REFERENCES tier (id),
    score double precision CONSTRAINT ck_customer_score_range CHECK (score BETWEEN 0 AND 100),
    preferred_channel varchar(32) CONSTRAINT ck_customer_channel CHECK (preferred_channel IN
        ('PHONE', 'EMAIL', 'SMS', 'WECHAT', 'VISIT', 'LIVE_CHAT', 'SOCIAL', 'EVENT', 'SURVEY', 'OTHER')),
    owner_id uuid CONSTRAINT fk_customer_owner_id REFERENCES staff_member (id),
    external_id text CONSTRAINT uq_customer_external_id UNIQUE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_interaction_at timestamptz,
    version integer NOT NULL,
    -- What lists are ordered by is never null, so that a page is one row comparison on an index: absent sorts lowest.
    score_rank double precision NOT NULL GENERATED ALWAYS AS (coalesce(score, '-1'::double precision)) STORED,
    last_interaction_rank timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(last_interaction_at, '0001-01-01 00:00:00+00'::timestamptz)) STORED
);
-- One index per order of a list: over everybody, and over one owner's customers.
CREATE INDEX ix_customer_created_at_id ON customer (created_at, id);
CREATE INDEX ix_customer_updated_at_id ON customer (updated_at, id);
CREATE INDEX ix_customer_score_rank_id ON customer (score_rank, id);
CREATE INDEX ix_customer_last_interaction_rank_id ON customer (last_interaction_rank, id);
CREATE INDEX ix_customer_owner_id_created_at_id ON customer (owner_id, created_at, id);
CREATE INDEX ix_customer_owner_id_updated_at_id ON customer (owner_id, updated_at, id);
CREATE INDEX ix_customer_owner_id_score_rank_id ON customer (owner_id, score_rank, id);
CREATE INDEX ix_customer_owner_id_last_interaction_rank_id ON customer (owner_id, last_interaction_rank, id);
-- A pending list would make searches slow at moments that nobody can foresee.
CREATE INDEX ix_customer_name_grams ON customer USING gin (name_grams) WITH (fastupdate = off);
CREATE INDEX ix_customer_mobile_digest ON customer (mobile_digest);
CREATE INDEX ix_customer_other_mobile_digest ON customer (other_mobile_digest);
CREATE INDEX ix_customer_email_digest ON customer (email_digest);
CREATE INDEX ix_customer_wechat_id_digest ON customer (wechat_id_digest);
CREATE INDEX ix_customer_id_number_digest ON customer (id_number_digest);

CREATE TABLE data_key (
    id uuid NOT NULL CONSTRAINT pk_data_key PRIMARY KEY
        CONSTRAINT fk_data_key_id REFERENCES customer (id) ON DELETE CASCADE,
    wrapped bytea NOT NULL
);

CREATE TABLE tag (
    id uuid NOT NULL CONSTRAINT pk_tag PRIMARY KEY,
    name text NOT NULL CONSTRAINT uq_tag_name UNIQUE,
    "group" text
);

CREATE TABLE customer_tag (
    customer_id uuid NOT NULL CONSTRAINT fk_customer_tag_customer_id REFERENCES customer (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL CONSTRAINT fk_customer_tag_tag_id REFERENCES tag (id),
    CONSTRAINT pk_customer_tag PRIMARY KEY (customer_id, tag_id)
);
CREATE INDEX ix_customer_tag_tag_id_customer_id ON customer_tag (tag_id, customer_id);

CREATE TABLE partner_listing (
    partner_id uuid NOT NULL CONSTRAINT fk_partner_listing_partner_id REFERENCES partner (id),
    customer_id uuid NOT NULL CONSTRAINT fk_partner_listing_customer_id REFERENCES customer (id) ON DELETE CASCADE,
    consented_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT pk_partner_listing PRIMARY KEY (partner_id, customer_id)
);
CREATE INDEX ix_partner_listing_customer_id ON partner_listing (customer_id);
"""

INTERACTIONS_AND_TICKETS = """
CREATE TABLE interaction (
    id uuid NOT NULL CONSTRAINT pk_interaction PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT fk_interaction_customer_id REFERENCES customer (id) ON DELETE CASCADE,
    staff_id uuid CONSTRAINT fk_interaction_staff_id REFERENCES staff_member (id),
    channel varchar(32) NOT NULL CONSTRAINT ck_interaction_channel CHECK (channel IN
        ('PHONE', 'EMAIL', 'SMS', 'WECHAT', 'VISIT', 'LIVE_CHAT', 'SOCIAL', 'EVENT', 'SURVEY', 'OTHER')),
    direction varchar(32) NOT NULL CONSTRAINT ck_interaction_direction CHECK (direction IN ('INBOUND', 'OUTBOUND')),
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    summary_sealed bytea, summary_masked text
);
-- Whole, not partitioned: the latest few of one customer are one walk along this index.
CREATE INDEX ix_interaction_customer_id_occurred_at_id ON interaction (customer_id, occurred_at, id);

CREATE SEQUENCE ticket_number;
CREATE TABLE ticket (
    id uuid NOT NULL CONSTRAINT pk_ticket PRIMARY KEY,
    number text NOT NULL DEFAULT 'T' || lpad(nextval('ticket_number')::text, 8, '0')
        CONSTRAINT uq_ticket_number UNIQUE,
    customer_id uuid NOT NULL CONSTRAINT fk_ticket_customer_id REFERENCES customer (id) ON DELETE CASCADE,
    kind varchar(32) NOT NULL CONSTRAINT ck_ticket_ticketkind
        CHECK (kind IN ('QUESTION', 'COMPLAINT', 'AFTER_SALES', 'RETURN_EXCHANGE')),
    status varchar(32) NOT NULL CONSTRAINT ck_ticket_ticketstatus
        CHECK (status IN ('ACCEPTED', 'INVESTIGATING', 'RESPONDED', 'FOLLOWING_UP', 'CLOSED')),
    priority varchar(32) NOT NULL CONSTRAINT ck_ticket_ticketpriority
        CHECK (priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
    subject text NOT NULL,
    team_id uuid CONSTRAINT fk_ticket_team_id REFERENCES team (id),
    assignee_id uuid CONSTRAINT fk_ticket_assignee_id REFERENCES staff_member (id),
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    description_sealed bytea, description_masked text
);
CREATE INDEX ix_ticket_customer_id_opened_at_id ON ticket (customer_id, opened_at, id);
CREATE INDEX ix_ticket_opened_at_id ON ticket (opened_at, id);
CREATE INDEX ix_ticket_status_opened_at_id_customer_id ON ticket (status, opened_at, id, customer_id);
-- Whom a service agent serves: asked with every row that an agent reads, and about unclosed tickets only.
CREATE INDEX ix_ticket_assignee_id_customer_id ON ticket (assignee_id, customer_id) WHERE status <> 'CLOSED';
CREATE INDEX ix_ticket_team_id_customer_id ON ticket (team_id, customer_id)
    WHERE status <> 'CLOSED' AND assignee_id IS NULL;

CREATE TABLE ticket_step (
    id uuid NOT NULL CONSTRAINT pk_ticket_step PRIMARY KEY,
    ticket_id uuid NOT NULL CONSTRAINT fk_ticket_step_ticket_id REFERENCES ticket (id) ON DELETE CASCADE,
    status varchar(32) NOT NULL CONSTRAINT ck_ticket_step_ticketstatus
        CHECK (status IN ('ACCEPTED', 'INVESTIGATING', 'RESPONDED', 'FOLLOWING_UP', 'CLOSED')),
    at timestamptz NOT NULL,
    actor_id uuid CONSTRAINT fk_ticket_step_actor_id REFERENCES staff_member (id),
    satisfied boolean,
    text_sealed bytea, text_masked text
);
CREATE INDEX ix_ticket_step_ticket_id_at_id ON ticket_step (ticket_id, at, id);
"""

# No foreign keys: what happened stays true when the thing that it happened to is gone. An id begins with its
# millisecond, so a range of ids is a range of time: whole months go by dropping a partition.
WHAT_ONLY_GROWS = """
CREATE TABLE event (
    id uuid NOT NULL CONSTRAINT pk_event PRIMARY KEY,
    kind varchar(32) NOT NULL CONSTRAINT ck_event_eventkind CHECK (kind IN
        ('CREATED', 'EDITED', 'STAGE_MOVED', 'TIER_ASSIGNED', 'TRANSFERRED', 'INTERACTION_LOGGED',
         'TICKET_OPENED', 'TICKET_ASSIGNED', 'TICKET_MOVED')),
    at timestamptz NOT NULL,
    customer_id uuid NOT NULL,
    interaction_id uuid,
    ticket_id uuid,
    actor_id uuid,
    fields text[] NOT NULL,
    before text,
    after text,
    reason text,
    xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint
) PARTITION BY RANGE (id);
CREATE INDEX ix_event_customer_id_id ON event (customer_id, id);
CREATE INDEX ix_event_ticket_id_id ON event (ticket_id, id) WHERE ticket_id IS NOT NULL;
CREATE INDEX ix_event_xact ON event (xact);

CREATE TABLE access_log (
    id uuid NOT NULL CONSTRAINT pk_access_log PRIMARY KEY,
    at timestamptz NOT NULL,
    viewer_id uuid NOT NULL,
    viewer_kind text NOT NULL,
    viewer_name text,
    subject_id uuid NOT NULL,
    subject_kind text NOT NULL,
    customer_id uuid NOT NULL,
    field varchar(32) NOT NULL CONSTRAINT ck_access_log_personalfield CHECK (field IN
        ('NAME', 'MOBILE', 'OTHER_MOBILE', 'EMAIL', 'WECHAT_ID', 'ID_NUMBER', 'ADDRESS', 'BIRTH_DATE',
         'SUMMARY', 'DESCRIPTION')),
    purpose text NOT NULL,
    reason text NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX ix_access_log_subject_id_id ON access_log (subject_id, id);
CREATE INDEX ix_access_log_viewer_id_id ON access_log (viewer_id, id);

CREATE TABLE audit (
    id uuid NOT NULL CONSTRAINT pk_audit PRIMARY KEY,
    at timestamptz NOT NULL,
    viewer_id uuid,
    viewer_kind text NOT NULL,
    role varchar(32) CONSTRAINT ck_audit_role
        CHECK (role IN ('REP', 'SUPPORT', 'MANAGER', 'PRIVACY_OFFICER', 'ADMIN', 'PARTNER')),
    act text NOT NULL,
    subject_id uuid,
    subject_kind text,
    outcome text NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX ix_audit_viewer_id_id ON audit (viewer_id, id);
CREATE INDEX ix_audit_subject_id_id ON audit (subject_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

APPEND_ONLY = """
CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
    WHEN (current_setting('zhike.maintenance', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT
    WHEN (current_setting('zhike.maintenance', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(REGISTERS)
    op.execute(STAFF_AND_PARTNERS)
    op.execute(CUSTOMERS)
    op.execute(INTERACTIONS_AND_TICKETS)
    op.execute(WHAT_ONLY_GROWS)
    for table in ("event", "access_log", "audit"):
        op.execute(APPEND_ONLY.format(table=table))


def downgrade() -> None:
    op.execute("DROP TABLE audit, access_log, event")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP TABLE ticket_step, ticket, interaction")
    op.execute("DROP SEQUENCE ticket_number")
    op.execute("DROP TABLE partner_listing, customer_tag, tag, data_key, customer")
    op.execute("DROP TABLE partner, staff_member, team, purpose, tier")
