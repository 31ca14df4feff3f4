"""Signing in is throttled by source; what happened stays for everybody; an installation has an epoch."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Attempts of the last quarter of an hour are forgotten with their table: nobody knows where they came from.
ATTEMPTS = """
DROP TABLE sign_in_attempt;
CREATE TABLE sign_in_attempt (
    id uuid NOT NULL CONSTRAINT pk_sign_in_attempt PRIMARY KEY,
    login_digest bytea NOT NULL,
    source_digest bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_sign_in_attempt_login_digest_source_digest_at ON sign_in_attempt (login_digest, source_digest, at);
CREATE INDEX ix_sign_in_attempt_at ON sign_in_attempt (at);
"""

ATTEMPTS_BEFORE = """
DROP TABLE sign_in_attempt;
CREATE TABLE sign_in_attempt (
    id uuid NOT NULL CONSTRAINT pk_sign_in_attempt PRIMARY KEY,
    login_digest bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_sign_in_attempt_login_digest_at ON sign_in_attempt (login_digest, at);
CREATE INDEX ix_sign_in_attempt_at ON sign_in_attempt (at);
"""

INSTALLATION = """
CREATE TABLE installation (epoch uuid NOT NULL CONSTRAINT pk_installation PRIMARY KEY);
INSERT INTO installation VALUES (gen_random_uuid());
"""

# A setting that any session may make is no lock: the triggers look at nothing now. Who owns the tables disables them
# for the time of the upkeep (ALTER TABLE … DISABLE TRIGGER), which no other role can.
UNCONDITIONAL = """
DROP TRIGGER {table}_stays ON {table};
DROP TRIGGER {table}_is_kept ON {table};
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

BY_SETTING = """
DROP TRIGGER {table}_stays ON {table};
DROP TRIGGER {table}_is_kept ON {table};
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
    WHEN (current_setting('zhike.maintenance', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT
    WHEN (current_setting('zhike.maintenance', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_change();
"""

APPEND_ONLY = ("event", "access_log", "audit")


def upgrade() -> None:
    op.execute(ATTEMPTS)
    op.execute(INSTALLATION)
    for table in APPEND_ONLY:
        op.execute(UNCONDITIONAL.format(table=table))


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(BY_SETTING.format(table=table))
    op.execute("DROP TABLE installation")
    op.execute(ATTEMPTS_BEFORE)
