"""The page on personal information says of every rule whether it is kept, and counts them right."""

import re
from collections import Counter
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "personal-information.md"
ROW = re.compile(r"^\| (R\d\d) \| [^|]+ \| (kept|in part|not yet) \|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def test_every_rule_stands_once_on_the_page_in_order() -> None:
    assert [row[1] for row in ROW.finditer(PAGE.read_text())] == [f"R{number:02}" for number in range(1, 46)]


def test_the_rules_are_counted_right() -> None:
    counted = Counter(row[2] for row in ROW.finditer(PAGE.read_text()))
    told = "Of the 45 rules {kept} are kept, {in part} in part, {not yet} not yet."
    assert told.format_map(counted) in PAGE.read_text()


def test_what_is_kept_or_in_part_is_tried_and_what_is_in_part_says_what_is_missing() -> None:
    for _, state, where, tried in (row.groups() for row in ROW.finditer(PAGE.read_text())):
        assert state == "not yet" or (where.strip() and "`tests/" in tried)
        assert state != "in part" or "missing" in where or "not" in where
