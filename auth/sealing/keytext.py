"""Keys as text: the JSON that `ZHIKE_KEYS` and key files hold, read without ever echoing what stands in it."""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Self

from auth.sealing.ciphers import KEY_BYTES, Suite

ID_BYTES = 4
VERSION = 1


class KeysRefused(Exception):
    """Keys that are absent, unreadable or unsafe. Says what to do, never what was read."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


class Use(StrEnum):
    """What a rotating key is for; the values name its list in the ring and in its text."""

    KEY_ENCRYPTION = "key_encryption"
    DIGEST = "digest"
    TOKEN = "token"  # noqa: S105 (the name of a list)
    GRAM = "gram"


@dataclass(frozen=True)
class Key:
    """32 secret bytes under a 4-byte id. The suite is the key's own, so keys of both suites live in one ring."""

    id: bytes
    suite: Suite
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls, suite: Suite) -> Self:
        return cls(secrets.token_bytes(ID_BYTES), suite, secrets.token_bytes(KEY_BYTES))

    @property
    def kid(self) -> str:
        """The id as texts carry it: JSON, token headers, messages."""
        return self.id.hex()


def read_entries(text: str) -> dict[str, Any]:
    """The outer object of a ring's text, its version checked. Raises `KeysRefused`, as everything here does."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise KeysRefused("密钥文本不是 JSON 对象", "The text of the keys is not a JSON object")
    if found.get("version") != VERSION:
        raise KeysRefused(
            f"密钥文本的 version 须为 {VERSION}；请用写出它的那个版本的程序",
            f"The version of the keys must be {VERSION}; use the release that wrote them",
        )
    return found


def read_keys(ring: Mapping[str, Any], use: Use) -> tuple[Key, ...]:
    """The keys of one use in their order, at least one."""
    entries = ring.get(use)
    if use is Use.GRAM and isinstance(
        entries, str
    ):  # the first releases had one key for the index of names, without an id
        return (_without_id(read_secret(ring, use)),)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(use)
    keys = tuple(Key(_id(entry), read_suite(entry, "suite"), read_secret(entry, "key")) for entry in entries)
    if len({key.id for key in keys}) < len(keys):
        raise _wrong("id")
    return keys


def _without_id(secret: bytes) -> Key:
    return Key(blake2b(b"id", key=secret, digest_size=ID_BYTES).digest(), Suite.INTL, secret)


def _id(entry: Mapping[str, Any]) -> bytes:
    try:
        found = bytes.fromhex(entry["id"])
    except (KeyError, TypeError, ValueError):
        raise _wrong("id") from None
    if len(found) != ID_BYTES:
        raise _wrong("id")
    return found


def read_suite(entry: Mapping[str, Any], name: str) -> Suite:
    try:
        return Suite(entry[name])
    except (KeyError, ValueError):
        raise _wrong(name) from None


def read_secret(entry: Mapping[str, Any], name: str) -> bytes:
    try:
        found = b64decode(entry[name], validate=True)
    except (KeyError, TypeError, ValueError):
        raise _wrong(name) from None
    if len(found) != KEY_BYTES:
        raise _wrong(name)
    return found


def _wrong(name: str) -> KeysRefused:
    return KeysRefused(f"密钥文本中的 {name} 有误或缺失", f"“{name}” is wrong or missing in the text of the keys")


def written(key: Key) -> dict[str, str]:
    """One entry of a ring's text, secret included."""
    return {"id": key.kid, "suite": key.suite, "key": base64_text(key.secret)}


def base64_text(secret: bytes) -> str:
    return b64encode(secret).decode()
