"""One operation, both ways, and what must be equal."""

from typing import Any

from schema.answering.asked import Reply
from tests.reading.data import World
from tests.reading.oracle import Oracle
from tests.reading.reader import SCHEMA, Reader, as_sent

INTROSPECTING = "introspecting: __schema { queryType { name } }"


class Both:
    """The plans and the oracle beside each other."""

    def __init__(self, world: World, reader: Reader) -> None:
        self.world, self.reader = world, reader

    def expected(self, viewer: str, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        cursors = self.reader.cursors
        return Oracle(self.world, SCHEMA._schema, cursors, self.world.viewers[viewer], text, variables).answer()

    def beyond(self, reply: Reply) -> bool:
        """Whether the document itself was too large to be looked at: a matter of `tests/http/test_limits.py`."""
        errors: Any = reply.get("errors", [])
        limits = {error["extensions"].get("limit") for error in errors}
        return bool(limits & {"depth", "aliases", "roots", "directives", "fields", "tokens"})

    async def differences(self, viewer: str, text: str, variables: dict[str, Any] | None = None) -> list[str]:
        """What the two ways do not agree on; empty where all is well."""
        given = variables or {}
        reply = await self.reader.ask(self.world.viewers[viewer], text, given)
        return compared(reply, self.expected(viewer, text, given))

    async def executed_differences(self, viewer: str, text: str, variables: dict[str, Any]) -> list[str]:
        """The same through the executor: beside the roots, which begin on their own line, stands one without plan."""
        forced = text.replace("{\n", f"{{ {INTROSPECTING} ", 1)
        reply = await self.reader.ask(self.world.viewers[viewer], forced, variables)
        data = reply.get("data")
        if isinstance(data, dict):
            data.pop("introspecting")
        return compared(reply, self.expected(viewer, text, variables))


def compared(reply: Reply, expected: dict[str, Any]) -> list[str]:
    """Byte for byte where there are data; of errors, the path and the code."""
    errors: Any = reply.get("errors", [])
    if expected.get("exceeded"):
        codes = [error["extensions"]["code"] for error in errors]
        return [] if codes == ["LIMIT_EXCEEDED"] and "data" not in reply else [f"not refused as too large: {errors}"]
    found = []
    if as_sent(reply.get("data")) != as_sent(expected["data"]):
        found.append(
            f"data\n  plan   {as_sent(reply.get('data')).decode()}\n  oracle {as_sent(expected['data']).decode()}"
        )
    told = {error.get("path", [""])[0]: error["extensions"]["code"] for error in errors}
    if told.keys() != expected["refused"].keys() or any(
        code not in expected["refused"][key] for key, code in told.items()
    ):
        found.append(f"errors {errors}, oracle {expected['refused']}")
    hidden: Any = reply.get("extensions", {})
    if hidden != ({"access": {"hidden": expected["hidden"]}} if expected["hidden"] else {}):
        found.append(f"hidden {hidden}, oracle {expected['hidden']}")
    return found
