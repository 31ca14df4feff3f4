"""Identity documents other than resident cards; the mark of what an import could not place."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FIELDS = """'NAME', 'MOBILE', 'OTHER_MOBILE', 'EMAIL', 'WECHAT_ID', 'ID_NUMBER'{added}, 'ADDRESS', 'BIRTH_DATE',
    'SUMMARY', 'DESCRIPTION', 'TEXT'"""
LOGGED = """
ALTER TABLE access_log
    DROP CONSTRAINT ck_access_log_personalfield,
    ADD CONSTRAINT ck_access_log_personalfield CHECK (field IN ({fields}))
"""


def upgrade() -> None:
    op.execute("""
        ALTER TABLE customer
            ADD COLUMN document_kind varchar(32) CONSTRAINT ck_customer_iddocumentkind CHECK (document_kind IN
                ('PASSPORT', 'HK_MACAO_PERMIT', 'TAIWAN_PERMIT', 'FOREIGN_PERMANENT_RESIDENT', 'MILITARY', 'OTHER')),
            ADD COLUMN id_document_sealed bytea,
            ADD COLUMN id_document_masked text,
            ADD COLUMN id_document_digest bytea;
        CREATE INDEX ix_customer_id_document_digest ON customer (id_document_digest);

        ALTER TABLE interaction ADD COLUMN imported_details boolean NOT NULL DEFAULT false;
    """)
    op.execute(LOGGED.format(fields=FIELDS.format(added=", 'ID_DOCUMENT'")))


def downgrade() -> None:
    # What was sealed is gone with its columns; the log is never rewritten: its looks at documents stay.
    op.execute(LOGGED.format(fields=FIELDS.format(added="")) + "NOT VALID")
    op.execute("ALTER TABLE interaction DROP COLUMN imported_details")
    op.execute("""
        ALTER TABLE customer
            DROP COLUMN document_kind, DROP COLUMN id_document_sealed, DROP COLUMN id_document_masked,
            DROP COLUMN id_document_digest
    """)
