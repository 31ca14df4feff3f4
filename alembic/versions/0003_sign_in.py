"""Signing in: passwords, refresh tokens, attempts."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Nothing here opens anything by itself: passwords are Argon2id texts, tokens and logins are keyed digests.


def upgrade() -> None:
    op.execute("""
        ALTER TABLE staff_member ADD COLUMN password_hash text;

        CREATE TABLE refresh_session (
            id uuid NOT NULL CONSTRAINT pk_refresh_session PRIMARY KEY,
            family_id uuid NOT NULL,
            staff_id uuid NOT NULL CONSTRAINT fk_refresh_session_staff_id REFERENCES staff_member (id),
            token_digest bytea NOT NULL CONSTRAINT uq_refresh_session_token_digest UNIQUE,
            device text,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            successor_id uuid,
            revoked_at timestamptz
        );
        CREATE INDEX ix_refresh_session_family_id ON refresh_session (family_id);
        CREATE INDEX ix_refresh_session_staff_id ON refresh_session (staff_id);
        CREATE INDEX ix_refresh_session_expires_at ON refresh_session (expires_at);

        CREATE TABLE sign_in_attempt (
            id uuid NOT NULL CONSTRAINT pk_sign_in_attempt PRIMARY KEY,
            login_digest bytea NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX ix_sign_in_attempt_login_digest_at ON sign_in_attempt (login_digest, at);
        CREATE INDEX ix_sign_in_attempt_at ON sign_in_attempt (at);
    """)


def downgrade() -> None:
    op.execute("""
        DROP TABLE sign_in_attempt, refresh_session;
        ALTER TABLE staff_member DROP COLUMN password_hash;
    """)
