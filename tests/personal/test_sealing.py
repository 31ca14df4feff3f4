"""Sealed text opens where it was sealed and nowhere else; digests find what they should, and only with the keys."""

import hashlib
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from auth.sealing.keys import KeyRing, Suite, Use
from auth.sealing.seals import (
    Digests,
    SealBroken,
    Sealer,
    new_data_key,
    place,
    unseal_one,
)

suites = st.sampled_from(Suite)
texts = st.text()
RINGS = {suite: KeyRing.generate(suite) for suite in Suite}
HERE = place("customer", UUID(int=7), "name")


def plain_sm3(text: str) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(text.encode())
    return digest.finalize()


@given(suites, texts, st.uuids(), st.uuids())
def test_what_was_sealed_opens_in_its_place(suite: Suite, text: str, person: UUID, row: UUID) -> None:
    ring, data_key, where = RINGS[suite], new_data_key(), place("customer", row, "mobile")
    sealed = Sealer(data_key, suite).seal(text, where)
    assert Sealer(data_key, suite).unseal(sealed, where) == text
    assert unseal_one(ring)(ring.wrap(data_key, person), person, sealed, where) == text


@given(suites, texts)
def test_a_name_sealed_before_a_rotation_of_every_key_still_opens(suite: Suite, text: str) -> None:
    ring, person, data_key = RINGS[suite], uuid4(), new_data_key()
    wrapped, sealed = ring.wrap(data_key, person), Sealer(data_key, suite).seal(text, HERE)
    assert unseal_one(ring.rotated())(wrapped, person, sealed, HERE) == text


@given(suites, suites, texts)
def test_text_sealed_under_one_suite_opens_for_a_sealer_of_the_other(old: Suite, new: Suite, text: str) -> None:
    data_key = new_data_key()
    assert Sealer(data_key, new).unseal(Sealer(data_key, old).seal(text, HERE), HERE) == text


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize(
    "elsewhere",
    [
        place("customer", UUID(int=8), "name"),
        place("customer", UUID(int=7), "mobile"),
        place("interaction", UUID(int=7), "name"),
        b"",
    ],
)
def test_ciphertext_moved_to_another_row_column_or_table_is_broken(suite: Suite, elsewhere: bytes) -> None:
    sealer = Sealer(new_data_key(), suite)
    with pytest.raises(SealBroken) as broken:
        sealer.unseal(sealer.seal("欧阳明月", HERE), elsewhere)
    assert "欧阳" not in str(broken.value)


@pytest.mark.parametrize("suite", Suite)
def test_ciphertext_moved_to_another_person_is_broken(suite: Suite) -> None:
    ring, person, other = RINGS[suite], uuid4(), uuid4()
    wrapped = {who: ring.wrap(new_data_key(), who) for who in (person, other)}
    sealed = Sealer(ring.unwrap(wrapped[person], person), suite).seal("欧阳明月", HERE)
    unseal = unseal_one(ring)
    assert unseal(wrapped[person], person, sealed, HERE) == "欧阳明月"
    with pytest.raises(SealBroken):
        unseal(wrapped[other], other, sealed, HERE)
    with pytest.raises(SealBroken):
        unseal(wrapped[other], person, sealed, HERE)


@pytest.mark.parametrize("suite", Suite)
def test_every_changed_byte_and_every_cut_breaks_the_seal(suite: Suite) -> None:
    sealer = Sealer(new_data_key(), suite)
    sealed = sealer.seal("欧阳", HERE)
    changed = [sealed[:i] + bytes([sealed[i] ^ 3]) + sealed[i + 1 :] for i in range(len(sealed))]
    for spoilt in [*changed, *(sealed[:i] for i in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealBroken):
            sealer.unseal(spoilt, HERE)


@pytest.mark.parametrize("suite", Suite)
def test_a_destroyed_person_and_an_empty_cell_both_read_as_none(suite: Suite) -> None:
    ring, person, data_key = RINGS[suite], uuid4(), new_data_key()
    sealed = Sealer(data_key, suite).seal("欧阳明月", HERE)
    assert unseal_one(ring)(None, person, sealed, HERE) is None
    assert unseal_one(ring)(ring.wrap(data_key, person), person, None, HERE) is None


@pytest.mark.parametrize("suite", Suite)
def test_the_same_text_sealed_twice_looks_different_and_holds_no_clear_text(suite: Suite) -> None:
    sealer = Sealer(new_data_key(), suite)
    first, second = sealer.seal("13800138000", HERE), sealer.seal("13800138000", HERE)
    assert first != second
    assert b"1380" not in first
    assert len(first) == len("13800138000") + 29


def test_the_first_byte_tells_which_suite_sealed() -> None:
    assert Sealer(new_data_key(), Suite.INTL).seal("", HERE)[0] == 1
    assert Sealer(new_data_key(), Suite.GM).seal("", HERE)[0] == 2


def test_digests_are_keyed_and_told_apart_by_kind_and_suite() -> None:
    mobile = "+8613800138000"
    intl, gm = Digests(RINGS[Suite.INTL]), Digests(RINGS[Suite.GM])
    assert intl.digest("mobile", mobile) == intl.digest("mobile", mobile)
    assert intl.digest("mobile", mobile) != intl.digest("resident_id", mobile)
    assert intl.digest("mobile", mobile) != Digests(KeyRing.generate(Suite.INTL)).digest("mobile", mobile)
    for found in (intl.digest("mobile", mobile), gm.digest("mobile", mobile)):
        assert len(found) == 36
        assert found[4:] not in {hashlib.sha256(mobile.encode()).digest(), plain_sm3(mobile)}
    assert intl.digest("mobile", mobile)[:4] == RINGS[Suite.INTL].digest[0].id


@given(suites, suites, texts)
def test_a_digest_of_an_old_key_is_still_found_through_the_candidates(old: Suite, new: Suite, text: str) -> None:
    before = RINGS[old]
    after = replace(before, crypto=new).rotated(Use.DIGEST).rotated(Use.DIGEST)
    stored = Digests(before).digest("email", text)
    found = Digests(after).candidates("email", text)
    assert stored in found
    assert stored != Digests(after).digest("email", text) == found[0]
    assert len(found) == 3


def test_a_lone_surrogate_finds_nothing_instead_of_failing() -> None:
    assert Digests(RINGS[Suite.GM]).candidates("mobile", "\ud800")
