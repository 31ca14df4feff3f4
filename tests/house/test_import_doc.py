"""The import: its document lists every heading, its test file is the real one."""

from pathlib import Path

from server.importing import headings
from server.importing.rows import ENTERED_LATER

CHECKOUT = Path(__file__).parents[2]
DOC = CHECKOUT / "docs" / "import.md"
COPY = CHECKOUT / "tests" / "data" / "customers_export.csv"
ORIGINAL = CHECKOUT.parent / "shared" / "data" / "customers_export.csv"


def test_the_document_lists_every_heading_as_it_is_read() -> None:
    assert DOC.read_text(encoding="utf-8").partition(headings.MARK + "\n")[2] == headings.table(), "run `make docs`"


def test_the_document_lists_the_columns_that_a_row_may_lack() -> None:
    told = DOC.read_text(encoding="utf-8").partition("can enter later:\n\n")[2].partition(".\n")[0]
    assert set(told.replace("`", "").split(", ")) == ENTERED_LATER


def test_no_heading_stands_for_two_fields() -> None:
    named = [heading for column in headings.Column for heading in headings.names_of(column)]
    assert {headings.column_of(heading) for heading in named} == set(headings.Column)
    assert [
        heading
        for column in headings.Column
        for heading in headings.names_of(column)
        if headings.column_of(heading) is not column
    ] == []


def test_the_export_in_the_tests_is_the_real_one() -> None:
    assert not ORIGINAL.exists() or COPY.read_bytes() == ORIGINAL.read_bytes()
