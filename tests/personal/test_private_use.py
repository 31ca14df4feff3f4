"""Private characters become what the national standard made of them, or are refused wherever people write."""

import pytest

from domain.errors import Invalid
from domain.personal import email_address, free_text, person_name, postal_address
from domain.personal.private_use import STANDARD, holds_private_use, standard_characters
from domain.personal.text import plain

REFUSED = [
    "\ue000",
    "\ue865",
    "\uf8ff",
    "\U000f0000",
    "\U0010fffd",
    "\ufdd0",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\U0010ffff",
]


def test_the_table_is_the_standards() -> None:
    """Python's codec knows GB 18030-2000, which named 66 of the 80 characters at FE50; later editions the rest."""
    trails = [trail for trail in range(0x50, 0xA1) if trail != 0x7F]
    by_codec = {0xE815 + at: ord(bytes([0xFE, trail]).decode("gb18030")) for at, trail in enumerate(trails)}
    later = {code for code, public in by_codec.items() if public == code}
    assert len(later) == 14
    assert {code: STANDARD[code] for code in by_codec.keys() - later} == {
        code: by_codec[code] for code in by_codec.keys() - later
    }
    assert {STANDARD[code] for code in later} == {
        0x20087, 0x20089, 0x200CC, 0x215D7, 0x2298F, 0x241FE, *range(0x9FB4, 0x9FBC),
    }  # fmt: skip
    assert not any(holds_private_use(chr(public)) for public in STANDARD.values())


@pytest.mark.parametrize(
    ("written", "kept"), [("张\ue863", "张䶮"), ("王\ue81e", "王龴"), ("李\ue7c8", "李ǹ"), ("䶮", "䶮")]
)
def test_a_name_is_kept_in_public_characters(written: str, kept: str) -> None:
    assert person_name(written, field="name") == kept
    assert free_text(f"{written}来电", field="summary") == f"{kept}来电"


@pytest.mark.parametrize("character", REFUSED)
@pytest.mark.parametrize("normalise", [person_name, postal_address, email_address, free_text])
def test_all_other_private_characters_are_refused_and_not_repeated(normalise, character: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise(f"张{character}", field="name")
    assert character not in str(refused.value)


@pytest.mark.parametrize("character", REFUSED)
def test_short_texts_refuse_them_too(character: str) -> None:
    with pytest.raises(Invalid):
        plain(f"标签{character}", field="tags", longest=50)


def test_a_text_without_any_is_the_same_object() -> None:
    text = "张伟" * 10_000
    assert standard_characters(text) is text
