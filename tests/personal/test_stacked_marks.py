"""Normal forms are made in linear time: marks beyond what any language writes never reach the library."""

import contextlib
import sys
import unicodedata
from pathlib import Path

import pytest

from auth.entering import passwords
from auth.masks import name as name_mask
from auth.sealing.names import search_text
from domain.errors import Invalid
from domain.personal import normal_form as forms
from domain.personal.normal_form import MAX_MARKS_IN_A_ROW, has_stacked_marks, normal_form
from domain.personal.text import person_name, plain
from domain.staff import login_name

STACKED = {
    "two classes in turn": "a" + "\u0323\u0301" * 75_000,
    "one class": "a" + "\u0301" * 75_000,
    "half-width voice marks, which become marks": "ｶ" + "ﾞ\u0301" * 75_000,
    "Tibetan vowels, which become two marks": "\u0f40" + "\u0f73\u0f75" * 75_000,
    "no letter before": "\u0323\u0301" * 75_000,
    "musical symbols beyond the first plane": "\U0001d157" + "\U0001d165\U0001d16d" * 75_000,
}


def longest_run(text: str) -> int:
    """The most combining marks in a row of what is decomposed: what the library sorts by comparing each with each."""
    longest = run = 0
    for character in unicodedata.normalize("NFKD", text):
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the library."""
    seen: list[str] = []

    class Watched:
        combining = staticmethod(unicodedata.combining)

        @staticmethod
        def normalize(form: str, text: str) -> str:
            seen.append(text)
            return text if len(text) > 1_000 else unicodedata.normalize(form, text)

    monkeypatch.setattr(forms, "unicodedata", Watched)
    return seen


def test_every_mark_of_this_python_is_known():
    """Each character whose decomposition begins with a mark counts; none stands in the blocks that are passed over."""
    for character in map(chr, range(sys.maxunicode + 1)):
        begins = unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) > 0
        assert forms._becomes_mark(character) == begins, hex(ord(character))
        if begins:
            assert has_stacked_marks(character * (MAX_MARKS_IN_A_ROW + 1)), hex(ord(character))


@pytest.mark.parametrize("text", STACKED.values(), ids=STACKED)
def test_what_reaches_the_library_has_few_marks_in_a_row(normalised: list[str], text: str):
    normal_form(text)
    assert normalised
    assert max(map(longest_run, normalised)) <= 4 * (MAX_MARKS_IN_A_ROW + 1)


@pytest.mark.parametrize("text", STACKED.values(), ids=STACKED)
def test_fields_that_people_write_refuse_stacked_marks(normalised: list[str], text: str):
    for long in (text, text[:100]):
        with pytest.raises(Invalid):
            person_name(long, field="name")
        with pytest.raises(Invalid):
            plain(long, field="reason", longest=20_000)
        with pytest.raises(Invalid):
            login_name(long)
    assert name_mask(text[:900])
    assert passwords._prepared(text[:100]) is None
    with contextlib.suppress(Invalid):
        search_text(text[:300])
    assert max(map(longest_run, normalised), default=0) <= 4 * (MAX_MARKS_IN_A_ROW + 1)


@pytest.mark.parametrize(
    "text", ["Nguyễn Thị Phương Thảo".encode().decode(), "ทั้งสิ้น", "שָׁלוֹם", "བཀྲ་ཤིས", "ｶﾞｷﾞ", "é" * 100, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚"]
)
def test_what_people_write_is_not_touched(text: str):
    for form in ("NFC", "NFKC"):
        decomposed = unicodedata.normalize("NFD", text)
        assert normal_form(decomposed, form) == unicodedata.normalize(form, decomposed)
        assert not has_stacked_marks(decomposed)


def test_nobody_else_calls_the_library():
    """A new use of `unicodedata.normalize` would be a new place where time is the square of a text."""
    root = Path(__file__).resolve().parents[2]
    users = [
        str(path.relative_to(root))
        for room in ("domain", "auth", "resolvers", "schema", "server")
        for path in (root / room).rglob("*.py")
        if "unicodedata.normalize" in (text := path.read_text()) or "import normalize" in text
    ]
    assert users == ["domain/personal/normal_form.py"]
