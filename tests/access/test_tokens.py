"""Access tokens: what we mint we accept, and every other token is refused for a named reason (RFC 8725, 9068)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from auth.entering.tokens import REQUIRED, BadToken, TokenVerifier, mint
from auth.sealing.keys import KeyRing, Suite, Use

ISSUER, AUDIENCE, CLIENT = "https://zhike.example", "zhike", "console"
REP = "stf_" + "0123456789abcdef" * 2
PARTNER = "ptn_" + "fedcba9876543210" * 2
RING = KeyRing.generate(Suite.INTL)
VERIFIER = TokenVerifier(RING, ISSUER, AUDIENCE)
HOUR = timedelta(hours=1)


def minted(ring: KeyRing = RING, **changes: Any) -> str:
    wanted: dict[str, Any] = {
        "subject": REP,
        "client_id": CLIENT,
        "grants": [],
        "lifetime": HOUR,
        "issuer": ISSUER,
        "audience": AUDIENCE,
    }
    return mint(ring, **(wanted | changes))


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def signed(header: object, claims: object, key: Ed25519PrivateKey | None = None) -> str:
    """A token with any header and claims, signed with the current key of the ring: the worst an issuer could do."""
    text = f"{encoded(header)}.{encoded(claims)}"
    signature = (key or Ed25519PrivateKey.from_private_bytes(RING.token[0].secret)).sign(text.encode())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def reason(token: str, verifier: TokenVerifier = VERIFIER) -> str:
    with pytest.raises(BadToken) as refused:
        verifier.verify(token)
    error = refused.value
    assert error.reason in str(error)
    for part in token.split("."):
        assert len(part) < 8 or part not in f"{error!r}{error}"
    assert error.__cause__ is None
    assert error.__context__ is None
    return error.reason


def refused_header(**changes: Any) -> str:
    header, claims = parts_of(minted())
    changed = {name: value for name, value in (header | changes).items() if value is not None}
    return reason(signed(changed, claims))


def refused_claims(**changes: Any) -> str:
    header, claims = parts_of(minted())
    return reason(signed(header, claims | changes))


def test_a_minted_token_says_who_asks_through_which_client_and_until_when() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    claims = VERIFIER.verify(minted(subject=PARTNER, grants=["customers:read", "names", "names"]))
    assert (claims.subject, claims.client_id) == (PARTNER, CLIENT)
    assert claims.grants == {"customers:read", "names"}
    assert before + HOUR <= claims.expires_at <= datetime.now(UTC) + HOUR
    assert claims.expires_at.tzinfo is UTC
    assert len(claims.jti) == 32


def test_a_minted_token_has_the_header_and_claims_of_rfc_9068() -> None:
    header, claims = parts_of(minted(grants=["b", "a"]))
    assert header == {"typ": "at+jwt", "alg": "EdDSA", "kid": RING.token[0].kid}
    assert claims.keys() == {"iss", "aud", "sub", "client_id", "iat", "nbf", "exp", "jti", "scope"}
    assert claims["scope"] == "a b"
    assert claims["exp"] - claims["iat"] == 3600


def test_a_token_without_grants_is_a_token() -> None:
    assert VERIFIER.verify(minted()).grants == frozenset()


def test_no_two_tokens_share_a_jti() -> None:
    now = datetime.now(UTC)
    assert minted(now=now) != minted(now=now)


def test_the_test_helper_signs_acceptable_tokens() -> None:
    """Else every refusal below could be for the wrong reason."""
    assert VERIFIER.verify(signed(*parts_of(minted()))).subject == REP


def test_a_token_of_a_rotated_key_still_verifies_and_new_ones_use_the_new_key() -> None:
    rotated = RING.rotated(Use.TOKEN)
    verifier = TokenVerifier(rotated, ISSUER, AUDIENCE)
    assert verifier.verify(minted()).subject == REP
    assert verifier.verify(minted(rotated)).subject == REP
    assert parts_of(minted(rotated))[0]["kid"] != RING.token[0].kid
    assert reason(minted(rotated)) == "kid"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None])
def test_an_unsigned_token_is_refused(algorithm: str | None) -> None:
    header, claims = parts_of(minted())
    assert reason(f"{encoded(header | {'alg': algorithm})}.{encoded(claims)}.") == "alg"


@pytest.mark.parametrize("encoding", ["pem", "raw"])
def test_the_public_key_used_as_an_hmac_secret_is_refused(encoding: str) -> None:
    public = Ed25519PrivateKey.from_private_bytes(RING.token[0].secret).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    secret = pem if encoding == "pem" else public.public_bytes_raw()
    header, claims = parts_of(minted())
    text = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    keyed = hmac.HMAC(secret, hashes.SHA256())
    keyed.update(text.encode())
    assert reason(f"{text}.{base64.urlsafe_b64encode(keyed.finalize()).rstrip(b'=').decode()}") == "alg"


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "Ed25519", "eddsa", 7, ["EdDSA"]])
def test_every_other_algorithm_is_refused_even_if_the_signature_is_ours(algorithm: object) -> None:
    assert refused_header(alg=algorithm) == "alg"


@pytest.mark.parametrize("kind", ["JWT", "jwt", "refresh+jwt", "dpop+jwt", "", 7, None])
def test_a_token_made_for_something_else_is_refused_by_its_typ(kind: object) -> None:
    assert refused_header(typ=kind) == "typ"


@pytest.mark.parametrize("kid", ["00000000", "", "../../keys", None])
def test_a_key_that_is_not_in_our_ring_is_refused(kid: str | None) -> None:
    assert refused_header(kid=kid) == "kid"


@pytest.mark.parametrize("kid", [7, [], {}, True])
def test_a_kid_that_is_no_text_is_refused(kid: object) -> None:
    assert refused_header(kid=kid) == "form"


@pytest.mark.parametrize("crit", [["exp"], ["zhike"], [], "exp", [7]])
def test_a_critical_header_that_we_do_not_know_is_refused(crit: object) -> None:
    assert refused_header(crit=crit, zhike=1, exp=1) in ("form", "header")


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "zip", "b64", "cty"])
def test_a_header_that_brings_or_points_to_a_key_is_refused(name: str) -> None:
    assert refused_header(**{name: "https://evil.example/keys"}) == "header"


def test_a_token_signed_with_a_key_it_brings_along_is_refused() -> None:
    key = Ed25519PrivateKey.generate()
    header, claims = parts_of(minted())
    x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    assert reason(signed(header | {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}}, claims, key)) == "header"
    assert reason(signed(header, claims, key)) == "signature"


def test_changed_claims_and_changed_signatures_are_refused() -> None:
    header, payload, signature = minted().split(".")
    claims = parts_of(minted())[1] | {"sub": PARTNER}
    assert reason(f"{header}.{encoded(claims)}.{signature}") == "signature"
    assert reason(f"{header}.{payload}.{'A' if signature[0] == 'B' else 'B'}{signature[1:]}") == "signature"
    assert reason(f"{header}.{payload}.") == "signature"


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "iat", "nbf", "exp", "jti", "scope"])
def test_each_missing_claim_is_named(name: str) -> None:
    header, claims = parts_of(minted())
    del claims[name]
    assert reason(signed(header, claims)) == name
    assert refused_claims(**{name: None}) == name


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "jti", "scope"])
@pytest.mark.parametrize("value", [7, True, ["zhike"], {"a": 1}])
def test_a_text_claim_of_another_type_is_refused(name: str, value: object) -> None:
    assert refused_claims(**{name: value}) == name


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("value", ["4102444800", 4102444800.5, True, [], {}, float("inf"), float("nan"), 10**30])
def test_a_time_that_is_no_whole_number_of_this_age_is_refused(name: str, value: object) -> None:
    assert refused_claims(**{name: value}) in (name, "form")


@pytest.mark.parametrize(
    "subject",
    [
        "",
        REP[4:],
        "cus_" + REP[4:],
        REP[:-1],
        REP + "0",
        REP.upper(),
        "stf_" + "g" * 32,
        " " + REP,
        REP + "\n",
        "stf_" + "０" * 32,
    ],
)
def test_a_subject_that_is_neither_staff_nor_partner_is_refused(subject: str) -> None:
    assert refused_claims(sub=subject) == "sub"
    with pytest.raises(ValueError, match="subject"):
        minted(subject=subject)


@pytest.mark.parametrize("name", ["client_id", "jti"])
@pytest.mark.parametrize("value", ["", "x" * 201])
def test_a_name_of_no_or_absurd_length_is_refused(name: str, value: str) -> None:
    assert refused_claims(**{name: value}) == name


@pytest.mark.parametrize("scope", [" ", "a  b", " a", 'a"b', "a\\b", "姓名", "a\nb"])
def test_a_scope_that_is_not_grants_between_single_spaces_is_refused(scope: str) -> None:
    assert refused_claims(scope=scope) == "scope"


@pytest.mark.parametrize("grant", ["", "a b", 'a"b', "姓名"])
def test_a_grant_that_a_scope_cannot_carry_is_not_minted(grant: str) -> None:
    with pytest.raises(ValueError, match="grant"):
        minted(grants=[grant])


@pytest.mark.parametrize("audience", ["other", "", "zhike ", ["zhike", "other"]])
def test_a_token_for_another_audience_is_refused(audience: object) -> None:
    assert refused_claims(aud=audience) == "aud"


@pytest.mark.parametrize("issuer", ["https://evil.example", "", ISSUER + "/"])
def test_a_token_of_another_issuer_is_refused(issuer: str) -> None:
    assert refused_claims(iss=issuer) == "iss"


def test_a_token_is_good_until_it_expires_and_thirty_seconds_more() -> None:
    now = datetime.now(UTC)
    assert VERIFIER.verify(minted(now=now - HOUR - timedelta(seconds=20))).subject == REP
    assert reason(minted(now=now - HOUR - timedelta(seconds=31))) == "exp"


def test_a_token_is_good_from_thirty_seconds_before_its_time_on() -> None:
    now = datetime.now(UTC)
    assert VERIFIER.verify(minted(now=now + timedelta(seconds=20))).subject == REP
    assert reason(minted(now=now + timedelta(seconds=40))) == "iat"
    assert refused_claims(nbf=int(now.timestamp()) + 40) == "nbf"


@pytest.mark.parametrize("lifetime", [timedelta(0), -HOUR])
def test_a_token_that_is_dead_at_birth_is_not_minted(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="lives"):
        minted(lifetime=lifetime)


def test_a_token_longer_than_four_kilobytes_is_refused_before_it_is_read() -> None:
    header, claims = parts_of(minted())
    assert reason(signed(header, claims | {"scope": "g" * 4000})) == "size"
    assert reason("x" * 4097) == "size"
    assert reason("." * 10_000_000) == "size"
    with pytest.raises(ValueError, match="4096"):
        minted(grants=["g" * 4000])


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "Bearer x",
        "\0",
        "令牌",
        "\ud800.x.y",
        minted() + "\u00e9",
        minted() + ".x",
        minted().replace(".", " . "),
        "e30.e30.",
        f"{encoded([])}.e30.",
        f"{encoded('EdDSA')}.e30.",
        base64.urlsafe_b64encode(b"[" * 2900).decode() + ".e30.",
        base64.urlsafe_b64encode(b'{"alg":' + b"9" * 2800 + b"}").decode().rstrip("=") + ".e30.",
    ],
)
def test_text_that_is_no_token_is_refused(token: str) -> None:
    assert reason(token) in ("form", "alg")


@given(st.text(max_size=200))
def test_no_text_at_all_makes_the_verifier_fail_otherwise(text: str) -> None:
    with pytest.raises(BadToken):
        VERIFIER.verify(text)


@given(st.data())
def test_a_token_with_one_changed_character_is_refused(data: st.DataObject) -> None:
    token = minted()
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + data.draw(st.sampled_from("ABCabc019-_.= ")) + token[at + 1 :]
    if changed != token:
        with pytest.raises(BadToken):
            VERIFIER.verify(changed)


HOSTILE = st.one_of(
    st.integers(),
    st.integers(10**11, 10**1000),
    st.integers(-(10**1000), -1),
    st.sampled_from([10**18, -1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 253_402_300_799, 253_402_300_800]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.none(),
    st.text(max_size=50),
    st.lists(st.integers() | st.text(max_size=5), max_size=5),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@given(st.dictionaries(st.sampled_from([*REQUIRED, "auth_time", "cnf"]), HOSTILE, min_size=1))
def test_whatever_the_claims_of_a_token_of_ours_are_it_is_accepted_or_refused(claims: dict[str, Any]) -> None:
    header, good = parts_of(minted())
    token = signed(header, good | claims)
    try:
        accepted = VERIFIER.verify(token)
    except BadToken:
        return
    assert accepted.subject == REP
    assert accepted.expires_at > datetime.now(UTC) - timedelta(minutes=1)


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("value", [10**18, 2**63, 253_402_300_800, -1, -(10**18), -(10**400), 10**400], ids=range(7))
def test_a_time_outside_the_calendar_is_refused_by_its_name(name: str, value: int) -> None:
    assert refused_claims(**{name: value}) == name


def test_a_huge_token_costs_no_more_than_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwt, "get_unverified_header", None)
    monkeypatch.setattr(jwt, "decode", None)
    for token in ("." * 300_000, encoded({"alg": "x" * 300_000}) + ".e30.", "e30." * 75_000, "x" * 300_000):
        assert reason(token) == "size"
