"""What lies in databases already must open and be found by every later release: fixed keys, fixed bytes."""

from dataclasses import replace
from uuid import UUID

import pytest

from auth.sealing.ciphers import aead, mac
from auth.sealing.keys import Key, KeyRing, Suite, Use
from auth.sealing.seals import Digests, Sealer, place, unseal_one

PERSON = UUID(int=7)
HERE = place("customer", PERSON, "name")

WRAPPED = {
    Suite.INTL: "0000000113a2df6ee626b1e360fd34159b261a5a57a192a9ff3c9be17ad5c7bf2fd99833acfc5059f2f58c78c78006fcd2c3"
    "a3df582c1ccfd3f163233ab184be",
    Suite.GM: "0000000140535237b54f12c18e7e9e02deccd1f74c297e4796adf4fab6446f99e2a62e90ec21b69005cc639300c113097e91ae27"
    "4b88f5b704b23acee756481e",
}
SEALED = {
    Suite.INTL: "0149eb06baf2c6f93a39bf92ccef0efa21e55bf0b29ba559654e1a9b8d853fd3899af68bb7e49611fc",
    Suite.GM: "02c80d3167d30e859f5b7bcd56d5fbbb6d722d2462b395901186aecf3efdde19585443b226ae46948e",
}
MOBILE = {
    Suite.INTL: "00000002682fad6ffc1b84f7f747893736631eb55e7430e8d15c9ecb1a0dc3d7a55fcfa9",
    Suite.GM: "00000002758d770e4c7b8008f1dbf01ec2372ba44e4582323aba5b923ae3e64dc7ba17f2",
}


HIDDEN, SHOWN = [2, 6, 7], [166, 1207, 3506]


def fixed_ring(suite: Suite) -> KeyRing:
    keys = [Key(bytes([0, 0, 0, n]), suite, bytes(range(n, n + 32))) for n in (1, 2, 3, 4)]
    return KeyRing(suite, (keys[0],), (keys[1],), (keys[2],), (keys[3],), cursor=bytes(range(5, 37)))


@pytest.mark.parametrize("suite", Suite)
def test_a_name_sealed_by_the_first_release_opens(suite: Suite) -> None:
    wrapped, sealed = bytes.fromhex(WRAPPED[suite]), bytes.fromhex(SEALED[suite])
    assert unseal_one(fixed_ring(suite))(wrapped, PERSON, sealed, HERE) == "欧阳明月"
    assert Sealer(bytes(range(32)), suite).unseal(sealed, HERE) == "欧阳明月"


@pytest.mark.parametrize("suite", Suite)
def test_digests_and_buckets_stay_what_they_were(suite: Suite) -> None:
    ring = fixed_ring(suite)
    assert Digests(ring).digest("mobile", "+8613800138000").hex() == MOBILE[suite]
    assert Digests(ring).names.of_name("欧阳娜娜", masked="欧阳**") == HIDDEN
    assert Digests(ring).names.of_name("欧阳娜娜", masked="欧阳娜娜") == SHOWN


def test_a_ring_written_by_the_first_release_is_read() -> None:
    text = """{"version": 1, "crypto": "gm",
        "key_encryption": [{"id": "00000001", "suite": "gm", "key": "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="}],
        "digest": [{"id": "00000002", "suite": "gm", "key": "AgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICE="}],
        "token": [{"id": "00000003", "suite": "gm", "key": "AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISI="}],
        "gram": "BAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiM=",
        "cursor": "BQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQ="}"""
    ring = KeyRing.parse(text)
    assert replace(ring, gram=()) == replace(fixed_ring(Suite.GM), gram=())
    assert (ring.gram[0].secret, ring.gram[0].kid) == (bytes(range(4, 36)), "b35ed41f")
    assert KeyRing.parse(ring.dump()) == ring
    assert KeyRing.parse(ring.rotated(Use.GRAM).dump()).gram[1:] == ring.gram


def test_keyed_digests_are_the_standard_ones() -> None:
    """RFC 4231 §4.3 and GM/T 0042-2015 appendix D.3."""
    message = b"what do ya want for nothing?"
    assert mac(Suite.INTL, b"Jefe", message).hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert mac(Suite.GM, b"Jefe", message).hex() == "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"


def test_sm4_gcm_is_the_standard_one() -> None:
    """RFC 8998 appendix A.1."""
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    text = b"".join(bytes([value]) * 8 for value in bytes.fromhex("aabbccddeeffeeaa"))
    sealed = aead(Suite.GM, key + bytes(16)).encrypt(
        nonce, text, bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    )
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
