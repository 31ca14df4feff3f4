"""M1-M8: what holds of every mask and every text. M9 is in test_mask_vectors: what completes an identity is refused."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth import masks
from auth.masks import HIDDEN, Mask
from domain.customer import CustomerKind
from domain.errors import MaskedValueWrite
from domain.personal import (
    birth_day,
    contact_number,
    email_address,
    identity_number,
    looks_masked,
    person_name,
    postal_address,
    wechat_id,
)

DIGITS = "0123456789"


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=least, max_size=most)


def with_check_digit(body: str) -> str:
    return body + "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
DAYS = st.dates(date(1900, 1, 1), date(2012, 1, 1))
NAMES = st.text(HAN, min_size=1, max_size=6)
MOBILES = st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9, 9))
FOREIGN = st.builds("+{}{}".format, st.sampled_from(["852", "853", "44", "81"]), digits(8, 10))
LANDLINES = st.builds(
    "{}-{}{}".format, st.sampled_from(["010", "021", "028"]), st.sampled_from("2345678"), digits(7, 7)
)
RESIDENT_IDS = st.builds(
    lambda region, day, order: with_check_digit(f"{region}{day:%Y%m%d}{order}"),
    st.sampled_from(["110105", "440305", "810000", "911124"]),
    DAYS,
    digits(3, 3),
)
DOCUMENTS = st.builds("{}{}".format, st.sampled_from("CEGHMP"), digits(7, 9))
CARDS = digits(13, 19)
EMAILS = st.builds(
    "{}@{}.com".format,
    st.from_regex(r"[a-z][a-z0-9.+_-]{0,20}", fullmatch=True),
    st.text("abcxyz", min_size=1, max_size=9),
)
WECHAT_IDS = st.from_regex(r"[a-z][a-z0-9_-]{5,19}", fullmatch=True)
PLATES = st.builds("{}{}{}".format, st.sampled_from("京沪粤苏"), st.sampled_from("ABCD"), digits(5, 6))
ADDRESSES = st.builds(
    "{}{}{}{}路{}号{}".format,
    st.sampled_from(["浙江省", "北京市", "内蒙古自治区", ""]),
    st.sampled_from(["杭州市", "锡林郭勒盟", ""]),
    st.sampled_from(["西湖区", "正定县", "锡林浩特市", ""]),
    st.text(HAN, min_size=1, max_size=5),
    digits(1, 4),
    st.text(HAN, max_size=8),
)
IPS = st.ip_addresses().map(str)


class Case(NamedTuple):
    mask: Mask
    values: st.SearchStrategy[str]
    kept: int
    """The most code points of a value that may be seen (M4), stars and separators of the mask not counted."""


CASES = {
    "name": Case(masks.name, NAMES, 2),
    "name_fixed": Case(masks.name_fixed, NAMES, 2),
    "mobile": Case(masks.mobile, MOBILES, 7),
    "foreign": Case(masks.mobile, FOREIGN, 8),
    "landline": Case(masks.landline, LANDLINES, 5),
    "resident_id": Case(masks.resident_id, RESIDENT_IDS, 2),
    "resident_id_1_2": Case(masks.resident_id_1_2, RESIDENT_IDS, 3),
    "resident_id_6_4": Case(masks.resident_id_6_4, RESIDENT_IDS, 10),
    "document": Case(masks.document, DOCUMENTS, 3),
    "bank_card": Case(masks.bank_card, CARDS, 4),
    "bank_card_6_4": Case(masks.bank_card_6_4, CARDS, 10),
    "wechat_id": Case(masks.wechat_id, WECHAT_IDS, 2),
    "plate": Case(masks.plate, PLATES, 3),
    "birth_date": Case(masks.birth_date, DAYS.map(date.isoformat), 4),
    "opaque": Case(masks.opaque, WECHAT_IDS, 0),
}
ALL = {
    **{name: case.mask for name, case in CASES.items()},
    "email": masks.email,
    "address": masks.address,
    "ip": masks.ip,
}
ANY_MASK = pytest.mark.parametrize("name", ALL)
ANY_CASE = pytest.mark.parametrize("name", CASES)


@ANY_MASK
@given(text=st.text(max_size=40) | MOBILES | RESIDENT_IDS | EMAILS | ADDRESSES | NAMES | CARDS | IPS)
def test_no_mask_returns_a_text_that_says_something(name: str, text: str) -> None:
    """M1, M2, and surrogates never pass."""
    shown = ALL[name](text)
    assert shown is not None
    if text.strip():
        assert shown.strip() != text.strip() or shown == HIDDEN or "*" in text
        assert "*" in shown or not shown
        shown.encode()


@ANY_MASK
@given(text=st.text(max_size=40) | MOBILES | RESIDENT_IDS | EMAILS | ADDRESSES | NAMES | CARDS | IPS)
def test_a_masked_text_stays_masked(name: str, text: str) -> None:
    """M3."""
    shown = ALL[name](text)
    assert ALL[name](shown) in {shown, HIDDEN}


@ANY_CASE
@given(data=st.data())
def test_a_mask_reveals_no_more_than_it_declares(name: str, data: st.DataObject) -> None:
    """M4: counted over the letters and digits that the value and its mask share."""
    case = CASES[name]
    value = data.draw(case.values)
    shown = case.mask(value)
    assert shown is not None
    if shown != HIDDEN:
        assert (Counter(shown) & Counter(value)).total() - shown.count("-") - shown.count("+") <= case.kept


@ANY_MASK
@given(text=MOBILES | RESIDENT_IDS | EMAILS | ADDRESSES | NAMES | CARDS)
def test_width_and_edges_change_nothing(name: str, text: str) -> None:
    """M5."""
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert ALL[name](f" \u3000{wide}\n") == ALL[name](text)


@ANY_MASK
def test_nothing_masks_to_nothing(name: str) -> None:
    """M6."""
    assert ALL[name](None) is None
    assert ALL[name]("") == ""
    assert ALL[name](" \t") == ""


@given(first=CARDS, second=CARDS)
def test_the_length_of_a_card_does_not_show(first: str, second: str) -> None:
    """M7."""
    assert len(masks.bank_card(first) or "") == len(masks.bank_card(second) or "")


@given(letters=st.text("abc", min_size=2, max_size=30))
def test_the_length_of_a_mail_box_does_not_show(letters: str) -> None:
    """M7."""
    assert masks.email(f"z{letters}@b.com") == "z***@b.com"


@given(street=st.text(HAN, max_size=20), number=digits(1, 5))
def test_the_length_of_an_address_does_not_show(street: str, number: str) -> None:
    """M4 and M7: behind the district nothing is left."""
    shown = masks.address(f"北京市海淀区某路{street}{number}号")
    assert shown == "北京市海淀区****"


FIELDS: dict[str, tuple[st.SearchStrategy[str], Callable[..., str]]] = {
    "name": (NAMES, person_name),
    "mobile": (MOBILES | LANDLINES | FOREIGN, contact_number),
    "email": (EMAILS, email_address),
    "wechat_id": (WECHAT_IDS, wechat_id),
    "id_number": (RESIDENT_IDS, identity_number),
    "address": (ADDRESSES, postal_address),
    "birth_date": (DAYS.map(date.isoformat), birth_day),
}


@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data())
def test_a_masked_value_never_validates_as_a_real_one(field: str, data: st.DataObject) -> None:
    """M8, R37: whatever the mask makes, the field's own check refuses to take it back."""
    values, normalise = FIELDS[field]
    shown = masks.masked(field, data.draw(values), CustomerKind.PERSON)
    with pytest.raises(MaskedValueWrite):
        normalise(shown, field=field)


@ANY_MASK
@given(text=MOBILES | RESIDENT_IDS | EMAILS | ADDRESSES | NAMES | CARDS | IPS | PLATES)
def test_every_masked_text_looks_masked(name: str, text: str) -> None:
    """R37."""
    assert looks_masked(ALL[name](text) or "")


@pytest.mark.parametrize("text", ["张三", "13812345678", "北京市海淀区", "zhangsan@example.com", "A*B 大厦", ""])
def test_a_real_text_does_not_look_masked(text: str) -> None:
    assert not looks_masked(text)


@ANY_MASK
def test_a_text_without_end_is_hidden_at_once(name: str) -> None:
    assert ALL[name]("e\u0301\u0316" * 300_000) == HIDDEN
