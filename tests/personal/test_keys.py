"""The key ring: its text, its file, its rotation, and that it shows its secrets to nobody."""

import base64
import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from auth.sealing.keys import Key, KeyRing, KeysRefused, Suite, Use, create_file, load, replace_file
from auth.sealing.seals import KeyMissing, SealBroken, new_data_key


@pytest.fixture(params=Suite)
def ring(request: pytest.FixtureRequest) -> KeyRing:
    return KeyRing.generate(request.param)


def secrets_of(ring: KeyRing) -> list[bytes]:
    return [ring.cursor, *(key.secret for use in Use for key in ring.keys(use))]


def test_a_ring_survives_being_written_and_read(ring: KeyRing) -> None:
    rotated = ring.rotated()
    assert KeyRing.parse(rotated.dump()) == rotated


def test_every_secret_of_a_ring_is_different_and_32_bytes_long(ring: KeyRing) -> None:
    found = secrets_of(ring.rotated())
    assert len(set(found)) == len(found) == 9
    assert {len(secret) for secret in found} == {32}


def test_neither_repr_nor_str_shows_a_secret(ring: KeyRing) -> None:
    ring.unwrap(ring.wrap(new_data_key(), (person := uuid4())), person)  # the ciphers exist now
    for shown in (repr(ring), str(ring), repr(ring.token[0]), f"{ring.key_encryption}"):
        for secret in secrets_of(ring):
            assert repr(secret)[2:-1] not in shown
            assert secret.hex() not in shown
            assert base64.b64encode(secret).decode() not in shown


def test_rotating_puts_a_new_key_first_and_keeps_the_old_ones(ring: KeyRing) -> None:
    rotated = ring.rotated(Use.DIGEST)
    assert rotated.digest[1:] == ring.digest
    assert rotated.digest[0] not in ring.digest
    assert (rotated.key_encryption, rotated.token) == (ring.key_encryption, ring.token)
    assert all(len(ring.rotated().keys(use)) == 2 for use in Use)


def test_a_data_key_wrapped_before_a_rotation_unwraps_after_it(ring: KeyRing) -> None:
    person, data_key = uuid4(), new_data_key()
    wrapped = ring.wrap(data_key, person)
    rotated = ring.rotated(Use.KEY_ENCRYPTION)
    assert rotated.unwrap(wrapped, person) == data_key
    assert wrapped[:4] == ring.key_encryption[0].id
    assert rotated.wrap(data_key, person)[:4] == rotated.key_encryption[0].id != wrapped[:4]


@pytest.mark.parametrize("other", Suite)
def test_a_data_key_wrapped_under_one_suite_unwraps_after_a_change_to_the_other(ring: KeyRing, other: Suite) -> None:
    person, data_key = uuid4(), new_data_key()
    changed = replace(ring, crypto=other).rotated()
    assert changed.unwrap(ring.wrap(data_key, person), person) == data_key
    assert changed.key_encryption[0].suite is changed.digest[0].suite is changed.crypto is other


def test_a_wrapped_data_key_opens_for_its_own_person_only(ring: KeyRing) -> None:
    with pytest.raises(SealBroken):
        ring.unwrap(ring.wrap(new_data_key(), uuid4()), uuid4())


def test_a_wrapped_data_key_does_not_hold_the_data_key_in_clear(ring: KeyRing) -> None:
    data_key = new_data_key()
    assert data_key not in ring.wrap(data_key, uuid4())


def test_a_ring_without_the_wrapping_key_names_the_key_it_misses(ring: KeyRing) -> None:
    person = uuid4()
    wrapped = ring.wrap(new_data_key(), person)
    with pytest.raises(KeyMissing, match=ring.key_encryption[0].kid):
        KeyRing.generate(ring.crypto).unwrap(wrapped, person)


@pytest.mark.parametrize("length", [0, 3, 4, 10, 16, 20, 63])
def test_a_truncated_wrapped_key_is_broken_whatever_is_left_of_it(ring: KeyRing, length: int) -> None:
    person = uuid4()
    with pytest.raises(SealBroken):
        ring.unwrap(ring.wrap(new_data_key(), person)[:length], person)


def without(entries: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if key != name}


SHORT = base64.b64encode(b"31 bytes are one byte too few..").decode()


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("JSON", lambda ring: [ring]),
        ("version", lambda ring: ring | {"version": 2}),
        ("version", lambda ring: without(ring, "version")),
        ("crypto", lambda ring: ring | {"crypto": "rot13"}),
        ("crypto", lambda ring: ring | {"crypto": ["intl"]}),
        ("gram", lambda ring: without(ring, "gram")),
        ("cursor", lambda ring: ring | {"cursor": SHORT}),
        ("cursor", lambda ring: ring | {"cursor": 7}),
        ("digest", lambda ring: ring | {"digest": []}),
        ("token", lambda ring: ring | {"token": ["x"]}),
        ("key", lambda ring: ring | {"token": [without(ring["token"][0], "key")]}),
        ("key", lambda ring: ring | {"token": [ring["token"][0] | {"key": ring["cursor"] + "!"}]}),
        ("suite", lambda ring: ring | {"digest": [without(ring["digest"][0], "suite")]}),
        ("id", lambda ring: ring | {"digest": [ring["digest"][0] | {"id": "abcd"}]}),
        ("id", lambda ring: ring | {"digest": [ring["digest"][0] | {"id": None}]}),
        ("id", lambda ring: ring | {"digest": ring["digest"] * 2}),
    ],
)
def test_a_wrong_text_is_refused_by_the_name_of_its_entry_and_without_a_secret(name: str, spoil: Any) -> None:
    entries = json.loads(KeyRing.generate(Suite.INTL).dump())
    with pytest.raises(KeysRefused, match=name) as refused:
        KeyRing.parse(json.dumps(spoil(entries)))
    for secret in (entries["cursor"], entries["token"][0]["key"], SHORT, "rot13"):
        assert secret not in str(refused.value)


@pytest.mark.parametrize("text", ["", "not json", '{"version":', "[" * 100_000])
def test_text_that_is_no_json_is_refused_without_being_echoed(text: str) -> None:
    with pytest.raises(KeysRefused) as refused:
        KeyRing.parse(text)
    assert not text or text not in str(refused.value)


def test_a_created_key_file_is_its_owners_alone_and_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = os.umask(0)
    try:
        ring = create_file(path, Suite.GM)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(None, path) == ring
    assert ring.crypto is Suite.GM
    assert list(tmp_path.iterdir()) == [path]


def test_creating_never_touches_a_key_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = create_file(path)
    with pytest.raises(FileExistsError):
        create_file(path)
    assert load(None, path) == first
    assert list(tmp_path.iterdir()) == [path]


def test_a_rotated_ring_takes_the_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    rotated = create_file(path).rotated()
    replace_file(path, rotated)
    assert load(None, path) == rotated
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_key_file_open_to_others_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    create_file(path)
    path.chmod(mode)
    with pytest.raises(KeysRefused, match="chmod 600"):
        load(None, path)


def test_keys_come_from_the_environment_as_text() -> None:
    ring = KeyRing.generate(Suite.GM)
    assert load(ring.dump(), None) == ring


@pytest.mark.parametrize("keys", [None, ""])
def test_no_keys_at_all_are_refused_with_the_names_of_the_settings(keys: str | None) -> None:
    with pytest.raises(KeysRefused, match="ZHIKE_KEYS_FILE"):
        load(keys, None)


def test_two_sources_of_keys_are_refused_though_each_is_good(tmp_path: Path) -> None:
    ring = create_file(tmp_path / "keys.json")
    with pytest.raises(KeysRefused, match="not both"):
        load(ring.dump(), tmp_path / "keys.json")


def test_a_key_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match=r"nowhere\.json"):
        load(None, tmp_path / "nowhere.json")


def test_a_key_that_somebody_edited_to_bytes_of_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.touch(mode=0o600)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeysRefused):
        load(None, path)


def test_two_generated_keys_have_different_ids() -> None:
    assert Key.generate(Suite.INTL).id != Key.generate(Suite.INTL).id
