"""Where a request came from: the peer, or what trusted proxies say, and nothing that anybody may write."""

import pytest

from server.http.addresses import ClientAddress, TrustedProxies, address_block, client_address, read_networks

OURS = "10.0.0.0/8, fd00::/8"


def scope(peer: str | None, *forwarded: str) -> dict:
    return {
        "type": "http",
        "client": (peer, 1) if peer else None,
        "headers": [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded],
    }


def resolved(trusted: str, peer: str | None, *forwarded: str) -> str:
    return TrustedProxies(read_networks(trusted)).client_of(scope(peer, *forwarded))


CASES = [
    ("", "203.0.113.9", (), "203.0.113.9"),
    ("", "203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
    (OURS, "203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
    (OURS, "10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
    (OURS, "10.0.0.1", ("6.6.6.6, 198.51.100.1",), "198.51.100.1"),
    (OURS, "10.0.0.1", ("6.6.6.6, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
    (OURS, "10.0.0.1", ("6.6.6.6", "198.51.100.1"), "198.51.100.1"),
    (OURS, "10.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
    (OURS, "fd00::1", ("[2001:db8::7]:443",), "2001:db8::7"),
    (OURS, "fd00::1", ("2001:DB8:0::7",), "2001:db8::7"),
    (OURS, "::ffff:10.0.0.1", ("::ffff:198.51.100.1",), "198.51.100.1"),
    (OURS, "10.0.0.1", (), "10.0.0.1"),
    (OURS, "10.0.0.1", ("",), "10.0.0.1"),
    (OURS, "10.0.0.1", ("198.51.100.1, unknown",), "10.0.0.1"),
    (OURS, "10.0.0.1", ("198.51.100.1, <script>, 10.0.0.2",), "10.0.0.2"),
    (OURS, "10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
    (OURS, None, ("198.51.100.1",), ""),
]


@pytest.mark.parametrize(("trusted", "peer", "forwarded", "client"), CASES)
def test_the_client_is_the_nearest_address_that_no_trusted_proxy_has(trusted, peer, forwarded, client) -> None:
    assert resolved(trusted, peer, *forwarded) == client


async def test_the_address_stands_in_the_scope_for_whoever_asks() -> None:
    seen = []

    async def app(scope, receive, send):
        seen.append(client_address(scope))

    await ClientAddress(app, read_networks(OURS))(scope("10.0.0.1", "198.51.100.1"), None, None)
    await ClientAddress(app, ())(scope("10.0.0.1", "198.51.100.1"), None, None)
    await app(scope("203.0.113.9"), None, None)
    assert seen == ["198.51.100.1", "10.0.0.1", "203.0.113.9"]


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1/8", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write networks") as refused:
        read_networks(text)
    assert text not in str(refused.value)


def test_addresses_that_one_customer_has_for_nothing_are_counted_as_one() -> None:
    assert address_block("2001:db8::7") == address_block("2001:db8::ffff:1") == "2001:db8::/64"
    assert address_block("198.51.100.1") == "198.51.100.1"
    assert address_block("") == ""
