"""Regions, industries, sources and tags in one form; the index of names in coarse buckets."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The forms of `domain/word.py` as they were when this was written. Other spellings of a word were kept as they came.
LARGE = "华东|华南|华北|华中|华西|东北|西北|西南|东南|中南|中原|长三角|珠三角|京津冀|环渤海"
PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|"
    "广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
)
WORD = r"btrim(regexp_replace(normalize({0}, NFKC), '\s+', ' ', 'g'))"
SHORT_REGIONS = [
    (f"^({LARGE}) ?(大区|地区|片区|区域|分区|区)$", r"\1"),
    ("^(内蒙古|西藏)自治区$", r"\1"),
    ("^(广西)壮族自治区$", r"\1"),
    ("^(宁夏)回族自治区$", r"\1"),
    ("^(新疆)维吾尔自治区$", r"\1"),
    ("^(香港|澳门)特别行政区$", r"\1"),
    (f"^({PROVINCES})省$", r"\1"),
    ("^([一-鿿]{2,6})市$", r"\1"),
]
ONE_TAG = """
CREATE TEMPORARY TABLE same_tag ON COMMIT DROP AS
    SELECT id, first_value(id) OVER (PARTITION BY lower(name COLLATE "C") ORDER BY id) AS kept FROM tag;
INSERT INTO customer_tag (customer_id, tag_id)
    SELECT customer_id, kept FROM customer_tag JOIN same_tag ON id = tag_id WHERE id <> kept
    ON CONFLICT DO NOTHING;
DELETE FROM customer_tag USING same_tag WHERE id = tag_id AND id <> kept;
DELETE FROM tag USING same_tag WHERE tag.id = same_tag.id AND same_tag.id <> kept;
CREATE UNIQUE INDEX uq_tag_name ON tag (lower(name COLLATE "C"));
"""


def upgrade() -> None:
    op.execute("ALTER TABLE tag DROP CONSTRAINT uq_tag_name")
    op.execute(f"UPDATE tag SET name = {WORD.format('name')}")
    op.execute(ONE_TAG)
    for column in ("region", "industry", "source"):
        normal = WORD.format(column)
        op.execute(f"UPDATE customer SET {column} = {normal} WHERE {column} <> {normal}")
    for form, short in SHORT_REGIONS:
        op.execute(f"UPDATE customer SET region = regexp_replace(region, '{form}', '{short}') WHERE region ~ '{form}'")


def downgrade() -> None:
    # Words stay as they are: nothing tells how they were spelled.
    op.execute("DROP INDEX uq_tag_name; ALTER TABLE tag ADD CONSTRAINT uq_tag_name UNIQUE (name)")
