"""The keys of one installation. They live outside the database, carry ids, and rotate without losing what is stored."""

import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag

from auth.sealing.ciphers import KEY_BYTES, NONCE_BYTES, Aead, KeyMissing, SealBroken, Suite, aead
from auth.sealing.keytext import (
    VERSION,
    Key,
    KeysRefused,
    Use,
    base64_text,
    read_entries,
    read_keys,
    read_secret,
    read_suite,
    written,
)

__all__ = ["Key", "KeyEncryption", "KeyRing", "KeysRefused", "Suite", "Use", "create_file", "load", "replace_file"]

_DATA_KEY = b"zhike data key:"


class KeyEncryption(Protocol):
    """Wraps data keys with a key from outside the database; `KeyRing` does, and a KMS can stand here.

    `unwrap` runs once per name on the read path, so an implementation keeps its key-encryption keys in memory and asks
    the KMS for them when the process starts, never per call.
    """

    def wrap(self, data_key: bytes, person_id: UUID) -> bytes: ...

    def unwrap(self, wrapped: bytes, person_id: UUID) -> bytes:
        """Raises `SealBroken` for a key wrapped for somebody else, `KeyMissing` for an unknown key-encryption key."""
        ...


@dataclass(frozen=True)
class KeyRing:
    """All keys; of each list the first is current and the others still open, find or verify what they once made.

    `gram` is for the index of names (`auth/sealing/names.py`): after a new key `zhike keys reindex` brings all names
    under it. `cursor` has no id: a new key makes the cursors that clients hold invalid. Token keys are Ed25519 seeds in
    either suite.
    """

    crypto: Suite
    key_encryption: tuple[Key, ...]
    digest: tuple[Key, ...]
    token: tuple[Key, ...]
    gram: tuple[Key, ...]
    cursor: bytes = field(repr=False)

    @classmethod
    def generate(cls, crypto: Suite) -> Self:
        lists = {use.value: (Key.generate(crypto),) for use in Use}
        return cls(crypto, **lists, cursor=secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The ring that `dump` wrote. Raises `KeysRefused`, which names the entry that is wrong and never its value."""
        ring = read_entries(text)
        lists = {use.value: read_keys(ring, use) for use in Use}
        return cls(read_suite(ring, "crypto"), **lists, cursor=read_secret(ring, "cursor"))

    def dump(self) -> str:
        """The ring as JSON text, secrets included: for a key file, a secret store or `ZHIKE_KEYS`, nowhere else."""
        lists = {use.value: [written(key) for key in self.keys(use)] for use in Use}
        cursor = base64_text(self.cursor)
        return json.dumps({"version": VERSION, "crypto": self.crypto, **lists, "cursor": cursor}, indent=1)

    def keys(self, use: Use) -> tuple[Key, ...]:
        """The keys of one use, the current one first."""
        found: tuple[Key, ...] = getattr(self, use)
        return found

    def rotated(self, *uses: Use) -> Self:
        """The ring with a new current key for each of these uses, for all of them if none is named; old keys stay."""
        fresh: dict[str, Any] = {use.value: (Key.generate(self.crypto), *self.keys(use)) for use in uses or Use}
        return replace(self, **fresh)

    def wrap(self, data_key: bytes, person_id: UUID) -> bytes:
        """Key id, nonce and ciphertext of a person's data key; it unwraps for this person only (R23)."""
        current, nonce = self.key_encryption[0], os.urandom(NONCE_BYTES)
        return current.id + nonce + self._ciphers[current.id].encrypt(nonce, data_key, _DATA_KEY + person_id.bytes)

    def unwrap(self, wrapped: bytes, person_id: UUID) -> bytes:
        """The data key, under whichever key of the ring it was wrapped. Raises `SealBroken`, `KeyMissing`."""
        cipher = self._ciphers.get(wrapped[:4])
        if cipher is None:
            raise KeyMissing(
                f"The key ring has no key-encryption key {wrapped[:4].hex()}; put the key back into the ring"
            )
        try:
            return cipher.decrypt(wrapped[4:16], wrapped[16:], _DATA_KEY + person_id.bytes)
        except (InvalidTag, ValueError):
            raise SealBroken("A data key does not unwrap: damaged, or wrapped for another person") from None

    @cached_property
    def _ciphers(self) -> dict[bytes, Aead]:
        return {key.id: aead(key.suite, key.secret) for key in self.key_encryption}


def load(keys: str | None, keys_file: Path | None) -> KeyRing:
    """The ring from the text of the environment or from a file. Raises `KeysRefused`.

    A file that others than its owner may read or write is refused.
    """
    if keys and keys_file:
        raise KeysRefused("只能设置密钥文本和密钥文件之一", "Set either the text of the keys or the key file, not both")
    if keys:
        return KeyRing.parse(keys)
    if keys_file:
        return KeyRing.parse(_owners_text(keys_file))
    raise KeysRefused(
        "没有密钥：请设置 ZHIKE_KEYS 或 ZHIKE_KEYS_FILE", "There are no keys: set ZHIKE_KEYS or ZHIKE_KEYS_FILE"
    )


def create_file(path: Path, crypto: Suite = Suite.INTL) -> KeyRing:
    """Writes a new ring to a file that is there whole or not at all, mode 0600, and gives the ring.

    Raises `FileExistsError` and leaves the file alone if there is one: of processes that start together, one creates
    and the others load.
    """
    ring = KeyRing.generate(crypto)
    with _written_beside(path, ring) as new:
        os.link(new, path)
    return ring


def replace_file(path: Path, ring: KeyRing) -> None:
    """Puts a rotated ring in place of a key file in one step, mode 0600."""
    with _written_beside(path, ring) as new:
        new.replace(path)


@contextmanager
def _written_beside(path: Path, ring: KeyRing) -> Iterator[Path]:
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(ring.dump())
            file.flush()
            os.fsync(descriptor)
        yield new
    finally:
        new.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The name in the folder must reach the disk too: a ring lost in a power cut takes every sealed value with it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _owners_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError:
        raise KeysRefused(f"无法读取密钥文件 {path}", f"The key file {path} cannot be read") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeysRefused(
            f"密钥文件 {path} 对所有者以外的人开放；请执行 chmod 600",
            f"The key file {path} is open to others than its owner; run chmod 600 on it",
        )
    return text.decode("utf-8", "replace")
