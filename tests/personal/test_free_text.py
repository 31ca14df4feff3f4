"""What a rep types into a note about a person is masked where it stands, and nothing else is touched."""

import re
import time
import timeit
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from auth.free_text import Found, Scanned, scan

DIGITS = "0123456789"
NO_DIGITS = st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="@"), max_size=30)
AROUND = NO_DIGITS.filter(lambda text: not re.search(r"[.·(+ \-]$|^[.·( \-]", text))


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=size, max_size=size)


def luhn_digit(body: str) -> str:
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in body[::-2]]
    return str(-(sum(doubled) + sum(map(int, body[-2::-2]))) % 10)


def id_digit(body: str) -> str:
    return "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


MOBILES = st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9))
IDS = st.builds(
    lambda day, order: (body := f"440305{day:%Y%m%d}{order}") + id_digit(body),
    st.dates(date(1930, 1, 1), date(2020, 1, 1)),
    digits(3),
)
CARDS = digits(16).map(lambda body: (body := f"62{body}") + luhn_digit(body))

VECTORS = [
    ("手机13812345678，身份证11010519491231002X", "手机138****5678，身份证1****************X"),
    ("电话：+86 138-1234-5678。", "电话：138****5678。"),
    ("请拨008613812345678或8613912345678", "请拨138****5678或139****5678"),
    ("１３８　１２３４　５６７８", "138****5678"),
    ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
    ("138\u200b1234\u200b5678", "138****5678"),
    ("138·1234·5678", "138****5678"),
    ("①13812345678 ②13912345678", "①138****5678 ②139****5678"),
    ("13812345678/13912345678", "138****5678/139****5678"),
    ("**13812345678**", "**138****5678**"),
    ("2024-01-15 13812345678 来电", "2024-01-15 138****5678 来电"),
    ("（010）62345678转12", "010-******78转12"),
    ("座机0915-7518479", "座机0915-*****79"),
    ("+86 10 6234 5678", "010-******78"),
    ("香港+852 9123 4567", "香港+852 ****4567"),
    ("+1 (415) 555-2671", "+1 ****2671"),
    ("11010519491231002x", "1****************X"),
    ("110105 19491231 002X", "1****************X"),
    ("旧证110105491231002。", "旧证1*************2。"),
    ("６２２８４８０４０２５６４８９００１８", "**** **** **** 0018"),
    ("卡6228 4804 0256 4890 018", "卡**** **** **** 0018"),
    ("4111-1111-1111-1111 2024", "**** **** **** 1111 2024"),
    ("4111 1111 1111 1111 123", "**** **** **** 1111 123"),
    ("378282246310005", "**** **** **** 0005"),
    ("2223003122003222", "**** **** **** 3222"),
    ("写信至zhangsan@Example.com，谢谢", "写信至z***@example.com，谢谢"),
    ("zhangsan＠example.com.cn", "z***@example.com.cn"),
    ("13812345678@163.com", "1***@163.com"),
]

UNTOUCHED = [
    "订单202401151234567890",
    "订单号110105194912310021",  # 18 digits, the check digit is wrong
    "单号110105499931002",  # 15 digits, no such day
    "流水6228480402564890017",  # Luhn fails
    "流水2401151234567891",  # passes Luhn and Mastercard's range, but begins with a date
    "uuid 13812345678901",
    "99913812345678",
    "12812345678",
    "1.3812345678",
    "150 200 300 45",
    "体重138 2024-01-15",
    "2024-01-15 08:30:00",
    "+100000000元",
    "400-123-4567",
    "95588",
    "@张三 在 10:30",
    "回电138****5678，z***@example.com，1****************X，**** **** **** 0018，010-******78",
    "",
]


@pytest.mark.parametrize(("text", "masked"), VECTORS)
def test_what_is_found_is_masked_in_place(text: str, masked: str) -> None:
    assert scan(text).masked == masked


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_merely_looks_like_a_number_of_a_person_stays_whole(text: str) -> None:
    assert scan(text) == Scanned(text, ())


def test_the_kinds_are_told_from_left_to_right() -> None:
    text = "a1@b.com 13812345678 11010519491231002X 6228480402564890018 010-62345678 +85291234567"
    assert scan(text).found == (
        Found.EMAIL,
        Found.MOBILE,
        Found.RESIDENT_ID,
        Found.BANK_CARD,
        Found.LANDLINE,
        Found.FOREIGN_PHONE,
    )


@given(NO_DIGITS)
def test_a_text_without_numbers_is_unchanged(text: str) -> None:
    assert scan(text) == Scanned(text, ())


@given(before=AROUND, number=MOBILES | IDS | CARDS, after=AROUND, wide=st.booleans())
def test_a_planted_number_is_never_left_in_clear(before: str, number: str, after: str, wide: bool) -> None:
    written = "".join(chr(ord(digit) + 0xFEE0) for digit in number) if wide else number
    masked, found = scan(before + written + after)
    assert number not in masked
    assert written not in masked
    assert len(found) == 1
    assert masked.startswith(before)
    assert masked.endswith(after)


@given(
    number=MOBILES,
    gap=st.sampled_from([" ", "-", "－", "\u3000", ".", "\u200b", "–"]),
    sizes=st.sampled_from([(3, 4, 4), (4, 3, 4), (3, 8), (7, 4), (5, 6), (1,) * 11]),
    prefix=st.sampled_from(["", "+86", "+86 ", "0086", "86-", "(+86)", "0"]),
)
def test_a_spaced_number_is_found(number: str, gap: str, sizes: tuple[int, ...], prefix: str) -> None:
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    written = gap.join(number[end - size : end] for size, end in zip(sizes, ends, strict=True))
    assert f"电话{number[:3]}****{number[-4:]}，" in scan(f"电话{prefix}{written}，").masked.replace("(", "")


@given(before=digits(5), number=MOBILES, after=digits(4))
def test_a_mobile_inside_a_longer_run_is_none(before: str, number: str, after: str) -> None:
    assert scan(before + number + after).masked == before + number + after


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), digits(4))
def test_an_order_number_that_fails_the_check_digit_stays(day: date, tail: str) -> None:
    number = f"440305{day:%Y%m%d}{tail}"
    assume(id_digit(number[:17]) != number[17])
    assert scan(f"订单{number}已发").masked == f"订单{number}已发"


@given(st.lists(st.sampled_from([*"0123456789 -.+(@aX汉", "62284804", "138", "19491231", "+86", "010"]), max_size=30))
def test_a_text_changes_only_where_something_is_found(pieces: list[str]) -> None:
    masked, found = scan("".join(pieces))
    assert (masked == "".join(pieces)) == (not found)


HOSTILE = {
    "one long run": "1" * 100_000,
    "single digits": "1 " * 50_000,
    "almost mobiles": "1 3 " * 25_000,
    "almost cards": "4444 " * 20_000,
    "almost identity cards": "110105194912310021 " * 5_263,
    "letters without an at": "a" * 100_000,
    "ats without an end": "a@" * 50_000,
    "a domain without an end": "a@" + "a." * 50_000,
    "prefixes": "+86 0086" * 12_500,
    "brackets": "((((+" * 20_000,
    "real mobiles": "13812345678 " * 8_333,
    "ideographs": "汉字" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_takes_no_longer_than_text(kind: str) -> None:
    runs = timeit.repeat(lambda: scan(HOSTILE[kind]), timer=time.process_time, number=1, repeat=3)
    assert min(runs) < 0.2
