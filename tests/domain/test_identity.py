"""Ids: UUIDv7 inside (RFC 9562 §5.7), a prefix and 32 hex digits outside."""

import time
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.base import Base
from domain.identity import new_id, public_id, read_public_id, shaped_id

MILLISECONDS = st.integers(0, 2**48 - 1)
PREFIXES = sorted({mapper.class_.PREFIX for mapper in Base.registry.mappers} - {""})


@given(MILLISECONDS)
def test_an_id_is_a_uuid_of_version_7_that_begins_with_its_millisecond(at_ms):
    made = new_id(at_ms)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == at_ms


@given(MILLISECONDS, MILLISECONDS)
def test_ids_stand_in_the_order_of_their_milliseconds(one, other):
    if one < other:
        assert new_id(one).bytes < new_id(other).bytes


def test_a_new_id_holds_the_present():
    before, made, after = time.time_ns() // 10**6, new_id(), time.time_ns() // 10**6
    assert before <= made.int >> 80 <= after


def test_ids_made_one_after_the_other_stand_in_that_order(monkeypatch):
    clock = iter(range(1_772_415_000_999_990_000, 1_772_415_001_000_010_000, 250))
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    made = [new_id() for _ in range(80)]
    assert made == sorted(made)
    assert len({id_.int >> 80 for id_ in made}) == 2


@given(MILLISECONDS)
def test_ids_of_one_millisecond_differ(at_ms):
    assert len({new_id(at_ms) for _ in range(50)}) == 50


@given(MILLISECONDS, st.integers(0, 2**74 - 1))
def test_a_shaped_id_repeats_and_loses_no_bit(at_ms, bits):
    made = shaped_id(at_ms, bits)
    assert made == shaped_id(at_ms, bits)
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & (2**62 - 1) == bits
    assert (made.version, made.variant) == (7, RFC_4122)


@given(st.sampled_from(PREFIXES), st.uuids())
def test_a_public_id_comes_back_as_it_went_out(prefix, inner):
    assert read_public_id(public_id(prefix, inner)) == (prefix, inner)


@given(st.text())
def test_a_text_is_a_public_id_only_if_it_is_written_as_one(text):
    found = read_public_id(text)
    assert found is None or public_id(*found) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cus_",
        "0" * 32,
        "cus_" + "0" * 31,
        "cus_" + "0" * 33,
        "cus_" + "A" * 32,
        "CUS_" + "0" * 32,
        "cus_" + "0" * 32 + "\n",
        " cus_" + "0" * 32,
        "cus_" + "٠" * 32,
        "cus_" + "０" * 32,
        "cus-" + "0" * 32,
        "cus_" + str(UUID(int=7)),
        "cus_" + "0" * 31 + "\x00",
        "cus_" + "0" * 32 + "' OR 1=1 --",
        "\ud800" * 36,
        "cus_" * 100_000,
    ],
)
def test_a_hostile_text_names_nothing(text):
    assert read_public_id(text) is None


def test_prefixes_of_public_ids_are_never_shared():
    prefixed = [mapper.class_.PREFIX for mapper in Base.registry.mappers if mapper.class_.PREFIX]
    assert len(prefixed) == len(set(prefixed))
    assert {"cus", "int", "tkt", "stf", "tier"} <= set(prefixed)
