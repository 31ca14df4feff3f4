"""From which network address a request came, also behind proxies that this installation trusts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from server.http.replies import limited, refused, send_out

Network: TypeAlias = IPv4Network | IPv6Network

_ADDRESS = "zhike.client_address"
_RETRY_SECONDS = 10
_MAX_HOPS = 16  # proxies in a row, and more than any chain of trusted ones
_LONGEST_ADDRESS = 64
_BLOCK_PREFIX = 64  # what one IPv6 customer is given: addresses inside it cost nothing


def client_address(scope: Scope) -> str:
    """The client's IP address in canonical form, "" where the transport has none. Safe to count by.

    Without trusted proxies it is the peer of the connection; `X-Forwarded-For` counts only as far as trusted proxies
    wrote it. It is personal data: it may be counted by, and is never logged.
    """
    found: str | None = scope.get(_ADDRESS)
    return _peer(scope) if found is None else found


@lru_cache(4096)
def address_block(address: str) -> str:
    """What to count by: an IPv4 address itself, of an IPv6 address the /64 network that its owner chooses from."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _BLOCK_PREFIX), strict=False))
    return address


class ClientAddress:
    """ASGI middleware that resolves who is behind the trusted proxies, once per request, and bounds what is under way
    for each of them: their connections are the proxies', so that only requests can be counted.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[Network], requests: int = 1_000) -> None:
        self._app, self._trusted, self._most = app, TrustedProxies(trusted), requests
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_ADDRESS] = address = self._trusted.client_of(scope)
        block = address_block(address)
        if self._under_way[block] >= self._most:
            await send_out(send, refused(429, limited("requests", self._most, _RETRY_SECONDS)))
            return
        self._under_way[block] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[block] -= 1
            if not self._under_way[block]:
                del self._under_way[block]


class TrustedProxies:
    """The networks whose `X-Forwarded-For` and `X-Request-Id` are believed."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def sent(self, scope: Scope) -> bool:
        """Whether the connection's peer is a trusted proxy."""
        return bool(self._networks) and self._trusts(_parsed(_peer(scope)))

    def trusts(self, address: str) -> bool:
        """Whether this is the address of a trusted proxy."""
        return self._trusts(_parsed(address))

    def client_of(self, scope: Scope) -> str:
        """The nearest address that no trusted proxy has; read right to left, since only the end was written by ours.

        What cannot be read ends the search: then the last proxy that was trusted stands for the client.
        """
        address = _peer(scope)
        for hop in _hops(scope):
            if not self._trusts(_parsed(address)):
                break
            parsed = _parsed(_without_port(hop))
            if parsed is None:
                break
            address = str(parsed)
        return address

    def _trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses parted by commas or spaces. Raises ValueError, which does not echo what was written."""
    try:
        return tuple(ip_network(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise ValueError("须为以逗号分隔的网段 / write networks parted by commas, as 10.0.0.0/8, fd00::/8") from None


def _hops(scope: Scope) -> Iterator[str]:
    """What `X-Forwarded-For` names, nearest first: as many as there can be proxies."""
    left = _MAX_HOPS
    for name, value in reversed(scope["headers"]):
        if name == b"x-forwarded-for":
            hops = value.rsplit(b",", left)[-left:]
            yield from (hop.decode("latin-1").strip() for hop in reversed(hops))
            left -= len(hops)
        if not left:
            return


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, _, port = hop.partition(":")
    return host if port.isdigit() else hop


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return _canonical(client[0]) if client else ""


@lru_cache(4096)
def _canonical(text: str) -> str:
    parsed = _parsed(text)
    return str(parsed) if parsed else ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text is; a long one is none, and is not remembered."""
    return _read(text) if len(text) <= _LONGEST_ADDRESS else None


@lru_cache(4096)
def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
