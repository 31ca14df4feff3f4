"""The index of names: pairs of characters in coarse buckets instead of a digest of every character."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The old index had a digest of every single character, so whoever could create customers read all names in a dump. The
# table is written anew, so that no file keeps it. Names wait in null for `zhike keys reindex`, which has the keys.
NAME_BUCKETS = """
DROP INDEX ix_customer_name_grams;
ALTER TABLE customer RENAME name_grams TO name_buckets;
ALTER TABLE customer
    ALTER name_buckets DROP NOT NULL,
    ALTER name_buckets TYPE integer[] USING CASE WHEN name_sealed IS NULL THEN '{}'::integer[] END;
CREATE INDEX ix_customer_name_buckets ON customer USING gin (name_buckets) WITH (fastupdate = off);
CREATE INDEX ix_customer_without_buckets ON customer (id) WHERE name_buckets IS NULL;
"""
NAME_GRAMS = """
DROP INDEX ix_customer_name_buckets;
DROP INDEX ix_customer_without_buckets;
ALTER TABLE customer RENAME name_buckets TO name_grams;
ALTER TABLE customer ALTER name_grams TYPE integer[] USING '{}'::integer[], ALTER name_grams SET NOT NULL;
CREATE INDEX ix_customer_name_grams ON customer USING gin (name_grams) WITH (fastupdate = off);
"""


def upgrade() -> None:
    op.execute(NAME_BUCKETS)


def downgrade() -> None:
    # Names are found again when they are written anew.
    op.execute(NAME_GRAMS)
