"""What a rep types into a note about a person is masked where it stands, and nothing else is touched."""

import csv
import re
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from time import process_time
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from auth.free_text import Kind, Scanned, address, is_personal_name, kinds, scan
from auth.free_text.context import is_business_number
from auth.free_text.detectors import DETECTORS, VERSION
from auth.free_text.kinds import MAX_LOOK_ALIKES, Find
from auth.free_text.scanning import MAX_FINDS
from tests.personal import corpus

DIGITS = "0123456789"
NO_DIGITS = st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="@"), max_size=30)
# What joins digits, and what is not seen, is hidden together with a number beside it.
AROUND = NO_DIGITS.filter(
    lambda text: (
        not re.search(r"[.·(+ \-]$|^[.·( \-]", text)
        and not any(unicodedata.category(character) in {"Cf", "Mn", "Me"} for character in text[:1] + text[-1:])
    )
)


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=size, max_size=size)


def luhn_digit(body: str) -> str:
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in body[::-2]]
    return str(-(sum(doubled) + sum(map(int, body[-2::-2]))) % 10)


def id_digit(body: str) -> str:
    return "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


DETECTOR_MODULES = tuple(sys.modules[detector.find.__module__] for detector in DETECTORS)
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
    ("座机: 0755/8633/2211", "座机: 0755-******11"),
    ("固话：021/64517788", "固话：021-******88"),
    ("【159】【0217】【8834】", "【159****8834】"),
    ("前三位159中间0217尾号8834", "前三位159****8834"),
    ("身份证 320504😀19870923😀4511", "身份证 3****************1"),
    ("SN15902178834", "SN159****8834"),
    ("(+86)15902178834已", "159****8834已"),
    ("学生证 2019012345", "学生证 2*******45"),
    ("证件号：E12345678", "证件号：E******78"),
    ("我的wxid_abc123def456", "我的w***6"),
    ("送货：朝阳区建国路甲93号院B座1207", "送货：****"),
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
    "固件 V1.38.1234.5678",
    "产量 138 1234 5678 台",
    "每月 13812 345 678 件",
    "参数 1.5/9.0/2.1/7.8/8.3/4.0",
    "房号3栋502的样板间资料",
    "git@github.com:foo/bar.git",
    "北京A12345批次",
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
        Kind.EMAIL,
        Kind.MOBILE,
        Kind.ID_NUMBER,
        Kind.BANK_CARD,
        Kind.PHONE,
        Kind.PHONE,
    )


@given(NO_DIGITS)
def test_a_text_without_numbers_is_unchanged(text: str) -> None:
    assert scan(text) == Scanned(text, ())


@given(before=AROUND, number=MOBILES | IDS | CARDS, after=AROUND, wide=st.booleans())
def test_a_planted_number_is_never_left_in_clear(before: str, number: str, after: str, wide: bool) -> None:
    assume(len(number) != 19 or not is_business_number(before, len(before)))  # "ID" before a card says what it is
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


LONGEST = 20_000
HOSTILE = {
    "one long run": "1",
    "single digits": "1 ",
    "almost mobiles": "1 3 ",
    "almost cards": "4444 ",
    "almost identity cards": "110105194912310021 ",
    "identity cards in single digits": "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 1 ",
    "letters without an at": "a",
    "ats without an end": "a@",
    "a domain without an end": "a@a.",
    "marked ats": "a(at)",
    "prefixes": "+86 0086",
    "brackets": "((((+",
    "real mobiles": "13812345678 ",
    "telephone words": "电话 1 3 ",
    "places": "香港 852 1",
    "ideographs": "汉字",
    "spelled digits": "一三八",
    "look-alikes": "l1O0",
    "roads": "一路1号",
    "buildings": "1号楼1单元",
    "villages": "村1组",
    "provinces": "上海市1",
    "labels": "地址：微信号QQ号护照号卡号",
    "plates": "沪A1",
    "marks": "1\u0301",
    "English streets": "1 Aa Aa Aa ",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_work_grows_no_faster_than_the_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is what detectors look at closely: characters of candidates, each of which a form has to match first."""
    short, long = (_looked_at(HOSTILE[kind], size, monkeypatch) for size in (LONGEST // 4, LONGEST))
    assert long <= 4 * short + 2_000
    assert long <= 60 * LONGEST


def _looked_at(piece: str, size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    looked: list[int] = []
    unpatched = kinds.matches

    def counting(
        kind: Kind, form: re.Pattern[str], text: str, read: Callable[[re.Match[str]], Find | None]
    ) -> Iterator[Find]:
        return unpatched(kind, form, text, lambda match: (looked.append(len(match[0])), read(match))[1])

    def counted_address(text: str) -> str:
        looked.append(len(text))
        return "****"

    with monkeypatch.context() as patch:
        for module in set(DETECTOR_MODULES) - {address}:
            patch.setattr(module, "matches", counting)
        patch.setattr(address, "address", counted_address)
        scan((piece * (size // len(piece) + 1))[:size])
    return sum(looked)


SECONDS = 2.0
"""Of processor time for 2,000 characters, which take 0.02; a form that tries one thing in many ways takes minutes."""


@pytest.mark.parametrize("module", DETECTOR_MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_form_tries_one_text_in_many_ways(module: ModuleType) -> None:
    """Texts that repeat what the detector's own forms are made of: its words, its signs, and what they are between."""
    words = sorted(set(re.findall("[\u3400-\u9fff]{1,4}|[a-zA-Z]{2,8}", "".join(_forms_of(module)))))
    chosen = Random(7)
    signs = [*"0123456789 -./@#():+_aX一点号\n", "13812345678", "110105", "19491231"]
    with _interrupted():
        for _ in range(250):
            size = chosen.choice((2, 3, 4, 6))
            unit = "".join(chosen.choice(words if chosen.random() < 0.5 else signs) for _ in range(size))
            text = (unit * 2_000)[:2_000]
            before = process_time()
            list(islice(module.DETECTOR.find(text), MAX_FINDS))
            assert process_time() - before < SECONDS, unit


def _forms_of(module: ModuleType) -> list[str]:
    return [form.pattern for form in vars(module).values() if isinstance(form, re.Pattern)]


@contextmanager
def _interrupted() -> Iterator[None]:
    """Fails instead of trying on for minutes."""

    def give_up(*_: object) -> None:
        raise AssertionError("tries for ever")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_after_so_many_finds_or_look_alikes_the_rest_of_a_text_is_hidden_unread() -> None:
    found = scan("13812345678 " * 2 * MAX_FINDS + "张三")
    assert found.masked.count("138****5678") == MAX_FINDS - 1
    assert found.masked.endswith("138****5678 ****")
    assert scan("6200000000000000001 " * MAX_LOOK_ALIKES + "张三").masked.endswith("****")
    assert scan("6200000000000000001 " * (MAX_LOOK_ALIKES - 1) + "张三").found == ()


def test_every_kind_has_its_texts_in_the_corpus() -> None:
    assert set(Kind) == corpus.MAKERS.keys()


def test_a_change_of_what_is_found_raises_the_version() -> None:
    """Where results differ and texts do not: raise VERSION, so that `zhike rescan` goes through what is stored, and
    write the line that this prints into detected.txt. Where the texts of the corpus changed: the line alone.
    """
    noted = (Path(__file__).parent / "detected.txt").read_text().split()
    assert noted == [str(VERSION), *corpus.digests()]


@pytest.mark.parametrize("kind", corpus.MAKERS)
def test_of_the_generated_corpus_each_kind_is_hidden_and_plain_texts_are_not_taken_for_it(kind: Kind) -> None:
    assert corpus.measured(kind).share >= 0.95
    assert corpus.precision(kind).share >= 0.95


def test_of_the_generated_corpus_plain_texts_stay_as_they_are() -> None:
    assert corpus.measured(None).share >= 0.95


@pytest.mark.parametrize(
    "name", ["free_text_cases", "free_text_held_out", "free_text_more", "free_text_signs", "free_text_unseen"]
)
def test_of_texts_written_by_hand_secrets_are_hidden_and_plain_ones_stay(name: str) -> None:
    with (Path(__file__).parents[1] / "data" / f"{name}.tsv").open(newline="") as lines:
        rows = [corpus.Sample(row["text"], row["secret"], None) for row in csv.DictReader(lines, delimiter="\t")]
    secrets, plain = [row for row in rows if row.secret], [row for row in rows if not row.secret]
    assert sum(map(corpus.is_hidden, secrets)) >= 0.95 * len(secrets)
    assert sum(map(corpus.is_left_alone, plain)) >= 0.95 * len(plain)


def test_what_is_masked_already_is_not_masked_again() -> None:
    texts = [sample.text for kind in corpus.MAKERS for sample in corpus.samples(kind)[::7]]
    again = [text for text in texts if scan(scan(text).masked).found]
    assert again == []


def test_every_kind_has_one_detector_and_every_module_of_a_kind_is_on_the_list() -> None:
    assert {detector.kind for detector in DETECTORS} == set(Kind)
    modules = {path.stem for path in Path(kinds.__file__).parent.glob("*.py") if "DETECTOR = " in path.read_text()}
    assert modules == {kind.value.lower() for kind in Kind}


@pytest.mark.parametrize(
    ("name", "of_organisation", "personal"),
    [
        ("张三", False, False),
        ("张三 138/1234/5678", False, True),
        ("josé@example.com", False, True),
        ("王伟@例子·中国", False, True),
        ("王伟@公司·中国", True, True),
        ("王伟@公司。中国", False, True),
        ("李伟 at 公司.中国", False, True),
        ("李伟 at 公司·中国", True, True),
        ("世纪大道100号小吃店", True, False),
        ("世纪大道100号小吃店", False, True),
        ("张三 世纪大道100号8楼", True, True),
        ("世纪大道100号 13812345678 小吃店", True, True),
        ("上海一三五贸易有限公司", True, False),
    ],
)
def test_names_hold_no_personal_value_but_an_organisation_may_be_called_after_its_address(
    name: str, of_organisation: bool, personal: bool
) -> None:
    assert is_personal_name(name, of_organisation=of_organisation) is personal
