"""The printed page: its diff is the security review, so it changes only by hand."""

from pathlib import Path

from auth.report import document, matrix

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]


def test_the_matrix_is_what_was_reviewed():
    """Changed the page? Run `zhike access > tests/access/matrix.txt` and have the difference read by somebody else."""
    assert matrix() == (HERE / "matrix.txt").read_text()


def test_the_access_document_is_what_the_page_says():
    """Write it anew with `zhike access --document > docs/access.md`."""
    assert document() == (CHECKOUT / "docs" / "access.md").read_text()
