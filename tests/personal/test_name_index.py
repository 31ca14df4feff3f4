"""The index of names: finds every name that may hold a text, and tells little of it to who holds a dump."""

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.sealing.keys import KeyRing, Suite, Use
from auth.sealing.keytext import Key
from auth.sealing.names import OPEN_BUCKETS, SHARED_BUCKETS, NameIndex, compared, contains, search_text
from domain.errors import Invalid
from domain.personal.text import NAME_LENGTH

RING = KeyRing.generate(Suite.INTL)
INDEX = NameIndex(RING.gram)


@given(st.text(alphabet="欧阳明月abAB·. 　", min_size=1, max_size=NAME_LENGTH), st.data())
def test_a_name_is_a_candidate_for_every_part_of_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = search_text(name[start : start + data.draw(st.integers(1, NAME_LENGTH))])
    assert contains(name, part)
    hidden, shown = INDEX.of_search(part)
    assert set(hidden) <= set(INDEX.of_name(name, masked=None))
    assert set(shown) <= set(INDEX.of_name(name, masked=name))


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("nana", "Diana", False), ("nana", "Dana", False),
        ("京北京", "北京北方公司", False), ("明明明", "王明明", False),
        ("李", "王小明", False), ("明明", "王明明", True), ("ANA", "Diana", True), ("ｄｉａ", "Diana", True),
        ("北京北方公司", "北京北方公司", True), ("艾力•买", "艾力·买买提", True), ("艾力．买买提", "艾力·买买提", True),
        ("艾力 · 买", "艾力·买买提", True), ("力.", "艾力·买买提", True), ("A·O", "A.O.史密斯", True),
        ("j.r", "J. R. Smith", True), ("张三", "张 三", True), ("strasse", "Straße", True), ("mhz", "㎒", True),
        ("张三丰", "张\u200b三丰", True),
    ],
)  # fmt: skip
def test_only_names_that_hold_the_text_are_found(text: str, name: str, found: bool) -> None:
    assert contains(name, search_text(text)) is found


@given(st.text(max_size=12))
def test_what_is_compared_is_the_same_by_the_short_way_and_the_long_one(text: str) -> None:
    assert compared(text) == compared(f"{text} ")  # a blank is never taken the short way


def test_a_name_that_nobody_can_open_holds_nothing() -> None:
    assert not contains(None, "")


@pytest.mark.parametrize("text", ["", " ", "\u3000\t", "\u200b"])
def test_nothing_but_blanks_is_an_empty_search(text: str) -> None:
    assert search_text(text) == ""


@pytest.mark.parametrize("text", ["乌鲁木齐金桥实业有限公司", "一" * NAME_LENGTH, f"  {'x' * NAME_LENGTH}  "])
def test_a_search_may_be_as_long_as_a_name(text: str) -> None:
    assert search_text(text) == compared(text)


@pytest.mark.parametrize("text", ["一" * (NAME_LENGTH + 1), "a\u0323\u0301" * 75_000, " " * 401])
def test_a_longer_search_is_refused_before_any_work_and_not_echoed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    normalised: list[int] = []
    monkeypatch.setattr("auth.sealing.names.normal_form", lambda given: normalised.append(len(given)) or given)
    with pytest.raises(Invalid) as refused:
        search_text(text, ("where", "search"))
    assert refused.value.field == ("where", "search")
    assert text not in str(refused.value)
    assert max(normalised, default=0) <= 4 * NAME_LENGTH


def test_buckets_are_sorted_unique_and_in_their_range() -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E00 + NAME_LENGTH)))
    hidden, shown = INDEX.of_name(name, masked="一*"), INDEX.of_name(name, masked=name)
    assert hidden == sorted(set(hidden))
    assert shown == sorted(set(shown))
    assert 0 <= min(hidden) <= max(hidden) < SHARED_BUCKETS <= min(shown) <= max(shown) < SHARED_BUCKETS + OPEN_BUCKETS


def test_a_name_of_one_character_is_in_no_bucket() -> None:
    assert INDEX.of_name("王", masked="*") == []


def test_buckets_depend_on_the_key_and_rows_under_older_keys_are_found() -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E08)))
    rotated = NameIndex(RING.rotated(Use.GRAM).gram)
    assert rotated.of_name(name, masked=name) != INDEX.of_name(name, masked=name)
    assert rotated.alternatives == 4
    assert INDEX.of_search(compared(name)) == rotated.of_search(compared(name))[2:]


def test_a_lone_surrogate_is_searched_for_instead_of_failing() -> None:
    assert INDEX.of_search(search_text("\ud800a"))


# -- The attack -------------------------------------------------------------------------------------------------------
# Who holds a dump, and has made a customer for every pair of characters through the API, knows every pair's bucket.
# What can be read of names that are masked in the dump?

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
SHARES = (75, 74, 70, 54, 46, 32, 24, 23, 21, 21, 15, 15, 14, 13, 12, 12, 12, 11, 11, 9)
"""The surnames that half of the population bears, and how many in a thousand bear each."""
CHARACTERS = [chr(0x4E00 + 7 * place) for place in range(1_000)]
WEIGHTS = [1 / (place + 12) for place in range(1_000)]
"""Characters of given names and how often they occur, falling as in registers: the first ten make up a seventh."""
NAMES = 1_000


def people(count: int) -> list[str]:
    """Names of a surname and, mostly, two characters more."""
    chance = random.Random(20260302)
    return [
        surname + "".join(chance.choices(CHARACTERS, WEIGHTS, k=2 if chance.random() < 0.85 else 1))
        for surname in chance.choices(SURNAMES, SHARES, k=count)
    ]


class Attacker:
    """Knows the mask (surname and length), the buckets of the row, the bucket of every pair, how often names occur."""

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._following: dict[str, dict[int, list[int]]] = {}

    def best_guess(self, surname: str, length: int, buckets: frozenset[int]) -> str:
        """The likeliest name of this surname, length and set of buckets."""
        firsts = [(place, bucket) for bucket in buckets for place in self.following(surname)[bucket]]
        if length == 2:
            return surname + CHARACTERS[min(place for place, _ in firsts)]
        guesses = []
        for first, bucket in sorted(firsts)[:60]:  # behind the most frequent ones nothing is likelier
            seconds = [
                place for one in (buckets - {bucket} or buckets) for place in self.following(CHARACTERS[first])[one]
            ]
            if seconds:
                second = min(seconds)
                guesses.append((WEIGHTS[first] * WEIGHTS[second], CHARACTERS[first] + CHARACTERS[second]))
        return surname + max(guesses)[1]

    def following(self, character: str) -> dict[int, list[int]]:
        """Characters of given names by the bucket into which they fall behind this one."""
        if character not in self._following:
            found: dict[int, list[int]] = defaultdict(list)
            for place, after in enumerate(CHARACTERS):
                found[self._index.of_name(character + after, masked=None)[0]].append(place)
            self._following[character] = found
        return self._following[character]


def test_of_given_names_the_index_tells_little_even_to_who_knows_every_bucket() -> None:
    """The bounds stand in docs/personal-information.md, and what the mask tells without the index beside them."""
    index = NameIndex([Key(bytes(4), Suite.INTL, bytes(range(32)))])  # the same figures in every run
    attacker, characters, right, whole = Attacker(index), 0, 0, 0
    for name in people(NAMES):
        guess = attacker.best_guess(name[0], len(name), frozenset(index.of_name(name, masked=None)))
        characters += len(name) - 1
        right += sum(one == other for one, other in zip(guess[1:], name[1:], strict=True))
        whole += guess == name
    told = f"given characters {right / characters:.1%}, whole names {whole / NAMES:.1%}"
    assert right / characters < 0.10, told
    assert whole / NAMES < 0.06, told
    print(told)


def test_a_bucket_is_shared_by_many_pairs() -> None:
    for surname in SURNAMES[:3]:
        shared = Attacker(INDEX).following(surname)
        assert min(map(len, shared.values())) >= 10
        assert len(shared) == SHARED_BUCKETS
