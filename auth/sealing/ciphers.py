"""The two cipher suites behind one shape: authenticated encryption and keyed digests, international and Chinese."""

import hmac
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class Suite(StrEnum):
    """What new keys and seals use (`ZHIKE_CRYPTO`): AES-256-GCM and HMAC-SHA256, or SM4-GCM and HMAC-SM3."""

    INTL = "intl"
    GM = "gm"


class SealBroken(Exception):
    """Ciphertext that does not open: damaged, moved to another row or column, or under another key (R23).

    Carries neither text nor ciphertext.
    """


class KeyMissing(SealBroken):
    """The key-encryption key that wrapped a data key is not in the ring; the message names its id."""


class Aead(Protocol):
    """Authenticated encryption with a 12-byte nonce; the 16-byte tag is the end of the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Raises `InvalidTag`, or `ValueError` where the input is too short to be a ciphertext."""
        ...


class Sm4Gcm:
    """SM4-GCM (RFC 8998) in the shape of `AESGCM`. The key has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


def aead(suite: Suite, key: bytes) -> Aead:
    """The cipher of a suite under a 32-byte key; SM4 takes the first 16 bytes of it."""
    # Keys are random throughout, so their first half is as good a key as any that a derivation would give.
    return AESGCM(key) if suite is Suite.INTL else Sm4Gcm(key[:16])


def mac(suite: Suite, key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 or HMAC-SM3, 32 bytes."""
    if suite is Suite.INTL:
        return hmac.digest(key, message, "sha256")
    keyed = HMAC(key, hashes.SM3())
    keyed.update(message)
    return keyed.finalize()
