"""Access tokens: Ed25519-signed JWTs in the profile of RFC 9068, checked as RFC 8725 asks."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from auth.sealing.keys import KeyRing
from auth.sealing.keytext import Key
from domain.identity import read_public_id

ALGORITHM = "EdDSA"
LEEWAY = timedelta(seconds=30)
MOST_CHARACTERS = 4096
MOST_NAME_CHARACTERS = 200
REQUIRED = ("iss", "aud", "sub", "client_id", "iat", "nbf", "exp", "jti", "scope")
SUBJECT_PREFIXES = ("stf", "ptn")
MAX_TIME = 253_402_300_799
"""The last second of the year 9999, in which Python's calendar ends. No clock that we meet is past it."""

_TYPE = "at+jwt"
_GRANT = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # scope-token, RFC 6749 §3.3
_REASONS: dict[type[jwt.PyJWTError], str] = {
    jwt.InvalidSignatureError: "signature",
    jwt.ExpiredSignatureError: "exp",
    jwt.InvalidIssuerError: "iss",
    jwt.InvalidAudienceError: "aud",
    InvalidSubjectError: "sub",
    InvalidJTIError: "jti",
    jwt.InvalidIssuedAtError: "iat",
}


class BadToken(Exception):
    """A token that is refused. `reason` names the check that failed (a claim, `signature`, `kid`, …), never a value."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Access token refused: {reason}")


@dataclass(frozen=True)
class Claims:
    """What a verified token says. `subject` is a public id (`stf_…`, `ptn_…`); `grants` is empty for staff."""

    subject: str
    client_id: str
    grants: frozenset[str]
    expires_at: datetime
    jti: str


def mint(
    keyring: KeyRing,
    subject: str,
    client_id: str,
    grants: Iterable[str],
    lifetime: timedelta,
    *,
    issuer: str,
    audience: str,
    now: datetime | None = None,
) -> str:
    """A signed access token (RFC 9068 §2), valid from `now` on. Raises `ValueError` for what `verify` would refuse."""
    scope = sorted(set(grants))
    if not _is_subject(subject) or not _is_name(client_id) or not all(map(_GRANT.fullmatch, scope)):
        raise ValueError("subject, client_id or a grant is not in the shape that access tokens carry")
    if lifetime < timedelta(seconds=1):
        raise ValueError("an access token lives for a second or longer")
    issued = int((now or datetime.now(UTC)).timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "client_id": client_id,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": secrets.token_hex(16),
        "scope": " ".join(scope),
    }
    current = keyring.token[0]
    token = jwt.encode(claims, _signing_key(current), algorithm=ALGORITHM, headers={"typ": _TYPE, "kid": current.kid})
    if len(token) > MOST_CHARACTERS:
        raise ValueError(f"an access token has at most {MOST_CHARACTERS} characters; name fewer grants")
    return token


def check_size(token: str) -> None:
    """Comes before any work on a token. Raises `BadToken`."""
    if len(token) > MOST_CHARACTERS:
        raise BadToken("size")


class TokenVerifier:
    """Checks access tokens of one issuer for one audience against the ring's own keys; no key comes from a token.

    A check costs about 0.2 ms of Ed25519: remember what was verified.
    """

    def __init__(self, keyring: KeyRing, issuer: str, audience: str) -> None:
        self._issuer, self._audience = issuer, audience
        self._keys = {key.kid: _signing_key(key).public_key() for key in keyring.token}

    def verify(self, token: str) -> Claims:
        """The claims of a token that passes every check, with 30 s of leeway for clocks. Raises `BadToken`."""
        check_size(token)
        try:
            return _claims(self._payload(token, self._kid(token)))
        except jwt.MissingRequiredClaimError as error:
            reason = error.claim
        except jwt.ImmatureSignatureError as error:
            reason = "iat" if "iat" in str(error) else "nbf"
        except jwt.PyJWTError as error:
            reason = _REASONS.get(type(error), "form")
        except (ValueError, OverflowError, RecursionError):
            reason = "form"
        raise BadToken(reason)

    def _kid(self, token: str) -> str:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != ALGORITHM:
            raise BadToken("alg")
        if header.get("typ") != _TYPE:
            raise BadToken("typ")
        # We are the only issuer: whatever else a header says (crit, jwk, jku, x5u) is not ours.
        if header.keys() - {"alg", "typ", "kid"}:
            raise BadToken("header")
        kid: str = header.get("kid", "")
        if kid not in self._keys:
            raise BadToken("kid")
        return kid

    def _payload(self, token: str, kid: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            self._keys[kid],
            algorithms=[ALGORITHM],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY,
            options={"require": list(REQUIRED), "strict_aud": True},
        )


def _claims(payload: dict[str, Any]) -> Claims:
    for name in ("iat", "nbf", "exp"):
        if not _is_time(payload[name]):
            raise BadToken(name)
    for name in ("client_id", "jti"):
        if not _is_name(payload[name]):
            raise BadToken(name)
    if not _is_subject(payload["sub"]):
        raise BadToken("sub")
    return Claims(
        subject=payload["sub"],
        client_id=payload["client_id"],
        grants=_grants(payload["scope"]),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        jti=payload["jti"],
    )


def _grants(scope: object) -> frozenset[str]:
    grants = scope.split(" ") if isinstance(scope, str) and scope else []
    if not isinstance(scope, str) or not all(map(_GRANT.fullmatch, grants)):
        raise BadToken("scope")
    return frozenset(grants)


def _is_subject(subject: str) -> bool:
    found = read_public_id(subject)
    return found is not None and found[0] in SUBJECT_PREFIXES


def _is_time(value: object) -> bool:
    """Whole seconds within the calendar (RFC 7519 §2, "NumericDate"); a bool is an int to Python only."""
    return type(value) is int and 0 <= value <= MAX_TIME


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= MOST_NAME_CHARACTERS


def _signing_key(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.secret)
