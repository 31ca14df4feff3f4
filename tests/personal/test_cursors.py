"""Cursors tell nothing to who holds them, open where they were made, and cost nothing when they are hostile."""

import base64
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.sealing import cursors as module
from auth.sealing.cursors import MAX_CHARACTERS, PADDING, CursorBroken, CursorSealer
from auth.sealing.keys import KeyRing, Suite

RING = KeyRing.generate(Suite.INTL)
SEALER = CursorSealer(RING.cursor)
HERE = b"Customer SCORE DESC"

positions = st.lists(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.uuids(), max_size=4)


def sealed(position: object, place: bytes = HERE) -> str:
    return SEALER.seal(orjson.dumps(position), place)


@given(positions)
def test_a_position_comes_back_as_it_was(position: list[object]) -> None:
    body = orjson.dumps(position)
    assert orjson.loads(SEALER.position(SEALER.seal(body, HERE), HERE)) == orjson.loads(body)


def test_equal_positions_are_equal_cursors_and_others_share_no_part_with_them() -> None:
    first, other = sealed([7, UUID(int=1)]), sealed([8, UUID(int=1)])
    assert first == sealed([7, UUID(int=1)])
    blocks = [
        {raw[at : at + 16] for at in range(0, len(raw), 16)} for raw in map(base64.urlsafe_b64decode, (first, other))
    ]
    assert not blocks[0] & blocks[1]


@given(st.integers(0, 2**63 - 1), st.uuids())
def test_who_decodes_a_cursor_reads_neither_key_nor_id(score: int, id_: UUID) -> None:
    raw = base64.urlsafe_b64decode(sealed([score + 10**9, id_]))
    for secret in (str(score + 10**9).encode(), str(id_).encode(), id_.hex.encode(), id_.bytes, HERE):
        assert secret not in raw


@given(st.integers(0, 10**18))
def test_the_length_does_not_tell_how_large_a_key_is(score: int) -> None:
    assert len(sealed([score, UUID(int=3)])) == len(sealed([0, UUID(int=3)]))
    assert (len(base64.urlsafe_b64decode(sealed([score, UUID(int=3)]))) - 16) % PADDING == 0


def test_a_cursor_opens_for_the_list_it_was_made_for_alone() -> None:
    for place in (b"Customer SCORE ASC", b"Ticket NEWEST", b"", HERE + b"\0"):
        with pytest.raises(CursorBroken):
            SEALER.position(sealed([1]), place)


def test_another_installation_opens_no_cursor_of_this_one() -> None:
    with pytest.raises(CursorBroken):
        CursorSealer(KeyRing.generate(Suite.INTL).cursor).position(sealed([1]), HERE)


@given(st.data())
def test_a_changed_cursor_is_refused(data: st.DataObject) -> None:
    raw = bytearray(base64.urlsafe_b64decode(sealed([5, UUID(int=5)])))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CursorBroken):
        SEALER.position(base64.urlsafe_b64encode(raw).decode(), HERE)


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorBroken):
        SEALER.position(text, HERE)


@pytest.mark.parametrize("text", ["A" * (MAX_CHARACTERS + 1), "=" * 300_000, "\ud800" * 100_000, "游" * 300_000])
def test_a_long_text_is_refused_before_it_is_decoded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "b64decode", None)
    with pytest.raises(CursorBroken, match="long"):
        SEALER.position(text, HERE)
