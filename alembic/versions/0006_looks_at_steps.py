"""The access log: the text of a ticket's step is looked at as well."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FIELDS = """'NAME', 'MOBILE', 'OTHER_MOBILE', 'EMAIL', 'WECHAT_ID', 'ID_NUMBER', 'ADDRESS', 'BIRTH_DATE',
    'SUMMARY', 'DESCRIPTION'"""
KEPT = """
ALTER TABLE access_log
    DROP CONSTRAINT ck_access_log_personalfield,
    ADD CONSTRAINT ck_access_log_personalfield CHECK (field IN ({fields}))
"""


def upgrade() -> None:
    op.execute(KEPT.format(fields=f"{FIELDS}, 'TEXT'"))


def downgrade() -> None:
    # The log is never rewritten: looks at steps stay in it, new ones are refused.
    op.execute(KEPT.format(fields=FIELDS) + "NOT VALID")
