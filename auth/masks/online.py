"""Addresses and accounts on the net."""

import re
from ipaddress import IPv6Address, ip_address

from auth.masks.closing import fails_closed, may_hold_a_number

_EMAIL = re.compile(r"([^\s@\"<>]{1,64})@((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})")
_WECHAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{4,30}")


@fails_closed
def email(plain: str) -> str | None:
    """EMAIL_1: first character, a fixed `***`, the domain in lower case; nothing of a local part of one character.

    A domain that may be somebody's number is hidden with the rest.
    """
    found = _EMAIL.fullmatch(plain)
    if found is None or may_hold_a_number(found[2]):
        return None
    first = found[1][0] if len(found[1]) > 1 else ""
    return f"{first}***@{found[2].lower()}"


@fails_closed
def wechat_id(plain: str) -> str | None:
    """First, a fixed `***` and last of a WeChat id."""
    return f"{plain[0]}***{plain[-1]}" if _WECHAT.fullmatch(plain) else None


@fails_closed
def opaque(_: str) -> None:
    """Nothing, for openids, unionids and device ids: a machine's handle says nothing to a reader."""


def secret(text: str | None) -> None:
    """Not even a mark, for passwords, tokens and one-time codes: they are never returned."""


@fails_closed
def ip(plain: str) -> str | None:
    """First two octets of IPv4, first two groups of IPv6."""
    try:
        address = ip_address(plain)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return ip(str(address.ipv4_mapped)) if address.ipv4_mapped else _two_groups(address)
    return ".".join([*plain.split(".")[:2], "*", "*"])


def _two_groups(address: IPv6Address) -> str:
    groups = address.exploded.split("%")[0].split(":")
    return ":".join([f"{int(group, 16):x}" for group in groups[:2]] + ["*"] * 6)
