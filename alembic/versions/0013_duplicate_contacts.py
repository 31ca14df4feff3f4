"""Duplicates that are not told to who writes them, limits on entering contacts, and what an approval alone opens."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# An identity card number inside a masked text: its first and last character, and 13 or 16 stars between them.
NUMBER = r"[0-9]\*{13}(\*{3})?[0-9X]"
TEXTS = {"interaction": "summary", "ticket": "description", "ticket_step": "text"}


def upgrade() -> None:
    # A customer number is no longer unique: a constraint would tell who has it. Nor is anything stored about pairs.
    op.execute("""
        ALTER TABLE customer
            DROP CONSTRAINT uq_customer_external_id,
            ADD COLUMN external_system text,
            ADD COLUMN contacts_changed_at timestamptz,
            ADD COLUMN contacts_rank timestamptz NOT NULL
                GENERATED ALWAYS AS (coalesce(contacts_changed_at, created_at)) STORED,
            ADD COLUMN under_14 boolean,
            ADD COLUMN approval_fields text[];
    """)
    op.execute(rf"""
        UPDATE customer SET
            external_system = CASE WHEN external_id IS NOT NULL THEN 'main' END,
            -- The mask of a birth date tells a child; where only a card number stands, nobody can judge without keys.
            under_14 = CASE
                WHEN birth_date_masked IS NOT NULL THEN birth_date_masked !~ '^[0-9]{{4}}-'
                WHEN id_number_masked ~ '^{NUMBER}$' THEN NULL
                ELSE false
            END,
            approval_fields = nullif(
                CASE WHEN id_document_sealed IS NOT NULL THEN ARRAY['id_document'] ELSE '{{}}' END ||
                CASE WHEN id_number_sealed IS NOT NULL AND (kind = 'PERSON' OR id_number_masked ~ '^{NUMBER}$')
                    THEN ARRAY['id_number'] ELSE '{{}}' END,
                '{{}}'
            );
    """)
    op.execute("""
        CREATE INDEX ix_customer_external_id_external_system ON customer (external_id, external_system);
        CREATE INDEX ix_customer_contacts_rank_id ON customer (contacts_rank, id);

        CREATE TABLE contact_change (
            id uuid NOT NULL CONSTRAINT pk_contact_change PRIMARY KEY,
            viewer_id uuid NOT NULL,
            customer_id uuid,
            at timestamptz NOT NULL
        );
        CREATE INDEX ix_contact_change_viewer_id_id ON contact_change (viewer_id, id);
        CREATE INDEX ix_contact_change_customer_id_id ON contact_change (customer_id, id);

        INSERT INTO purpose (code, name)
        VALUES ('DUPLICATE_CHECK', '核对重复客户 / Keeping one record of each customer');
    """)
    for table, text in TEXTS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN approval_fields text[]")
        op.execute(
            f"UPDATE {table} SET approval_fields = ARRAY['{text}']"
            rf" WHERE {text}_sealed IS NOT NULL AND {text}_masked ~ '{NUMBER}'"
        )


def downgrade() -> None:
    for table in TEXTS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN approval_fields")
    # Of several customers with one number the first keeps it: that is all that the older version can hold.
    op.execute("""
        DELETE FROM purpose WHERE code = 'DUPLICATE_CHECK';
        DROP TABLE contact_change;
        UPDATE customer SET external_id = NULL
        WHERE EXISTS (SELECT FROM customer AS first WHERE first.external_id = customer.external_id
                      AND first.id < customer.id);
        ALTER TABLE customer
            DROP COLUMN external_system,
            DROP COLUMN contacts_rank,
            DROP COLUMN contacts_changed_at,
            DROP COLUMN under_14,
            DROP COLUMN approval_fields,
            ADD CONSTRAINT uq_customer_external_id UNIQUE (external_id);
    """)
