"""Whether the servers give the same answers: what is compared must be equal before it is timed."""

import re
from collections.abc import Mapping

import orjson

ACTS = frozenset({"q5"})
NEW = re.compile(rb"int_[0-9a-f]{32}")


class Differs(Exception):
    """Two servers answered one question differently."""


def check(question: str, answers: Mapping[str, bytes]) -> None:
    """Floor and ours byte for byte, stock in content; but for the ids of what was just made. Raises Differs."""
    answers = {name: NEW.sub(b"int_", answer) for name, answer in answers.items()} if question in ACTS else answers
    if answers["floor"] != answers["ours"]:
        raise Differs(f"{question}: floor and ours differ\n{answers['floor'][:300]!r}\n{answers['ours'][:300]!r}")
    if content(answers["stock"]) != content(answers["ours"]):
        raise Differs(f"{question}: stock and ours differ\n{answers['stock'][:300]!r}\n{answers['ours'][:300]!r}")


def content(answer: bytes) -> object:
    """The JSON value, however its times write UTC."""
    return orjson.loads(re.sub(rb'(\d)\+00:00"', rb'\1Z"', answer))
