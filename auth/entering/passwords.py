"""Passwords: Argon2id at the cost that OWASP names (19 MiB, two passes, one lane), kept as PHC texts.

A check takes tens of milliseconds of a core and 19 MiB: checks run in a few threads of their own and wait there.
"""

import asyncio
import os
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

from passlib.context import CryptContext  # type: ignore[import-untyped]

from domain.errors import Invalid
from domain.personal.normal_form import has_stacked_marks, normal_form

LEAST, MOST = 12, 256
LEAST_DIFFERENT = 5
KIBIBYTES, PASSES, LANES = 19_456, 2, 1

CONTEXT = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=KIBIBYTES,
    argon2__time_cost=PASSES,
    argon2__parallelism=LANES,
)

THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""How many passwords are checked at once: half the cores at most, for requests are to be answered beside them."""

_threads = ThreadPoolExecutor(THREADS, "password")


def check_new(password: str, login: str) -> None:
    """The rule for a new password: 12-256 characters, five different ones at least, not the login. Raises Invalid."""
    if not LEAST <= len(password) <= MOST:
        raise Invalid("password", f"密码须为 {LEAST}-{MOST} 个字符", f"A password has {LEAST} to {MOST} characters")
    if len(set(password)) < LEAST_DIFFERENT or login in {password.casefold(), password.casefold()[::-1]}:
        raise Invalid(
            "password",
            f"密码过于简单：至少 {LEAST_DIFFERENT} 种字符，且不能是登录名",
            f"The password is too simple: use {LEAST_DIFFERENT} different characters or more, and not the login",
        )
    if _prepared(password) is None:
        raise Invalid("password", "密码含有无效字符", "The password holds broken characters")


def hashed(password: str) -> str:
    """The text to store. Takes tens of milliseconds; `check_new` comes first."""
    made: str = CONTEXT.hash(_prepared(password) or "")
    return made


async def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password. Without a stored one it is not, and that takes just as long."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _matches, password, stored)


async def renewed(password: str, stored: str) -> str | None:
    """The text to store from now on where the stored one was made at another cost, else None."""
    if not CONTEXT.needs_update(stored):
        return None
    return await asyncio.get_running_loop().run_in_executor(_threads, hashed, password)


def _matches(password: str, stored: str | None) -> bool:
    prepared = _prepared(password)
    found = CONTEXT.verify(prepared or "", stored or _NOBODYS)
    return bool(found) and stored is not None and prepared is not None


def _prepared(password: str) -> str | None:
    """In one Unicode form (RFC 8265 §4.2), so that every keyboard writes the same; None for what cannot be one."""
    if len(password) > MOST or has_stacked_marks(password):
        return None
    normal = normal_form(password, "NFC")
    return normal if _is_encodable(normal) else None


def _is_encodable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _nobodys() -> str:
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={KIBIBYTES},t={PASSES},p={LANES}${salt}${digest}"


_NOBODYS = _nobodys()
"""What the passwords of unknown logins are compared with: as costly as a real one, and no password is behind it."""
