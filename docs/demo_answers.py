"""The answers in the READMEs: the demo's seven viewers ask the same question of the demo's data.

The demo is the same on every run, so that ids, names and masks repeat; a test asks again.
"""

# ruff: noqa: INP001 - documents are no package
import re
from collections.abc import Iterator
from typing import Any

import orjson

from auth.sealing.ciphers import Suite
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Viewer
from domain.staff import Role
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering.asked import Asked
from schema.answering.execution import Execution
from schema.build import build
from server.commands.demo import PARTNER_GRANTS
from server.demo.house import PARTNER, SIGN_INS, STAFF, house
from server.demo.seeding import seed
from server.postgres.database import Database

FIRST = (
    "{ viewer { name role } customers(first: 2) { totalCount nodes { name { display } mobile { display sight } } } }"
)
# Both are the rep's. The first has an open ticket for the agent, the second agreed to be shown to the partner.
SAME = (
    '{ nodes(ids: ["cus_019c2dcc71387869ab30092609c8c201", "cus_019fd170de98714db84a5ab2b0d3b989"]) '
    "{ ... on Customer { name { display } mobile { display } score owner { name } viewerCan { transfer } } } }"
)
WORDS = {
    "README.md": "| sign-in | role | first customer | second customer | hidden |",
    "README.zh.md": "| 登录 | 角色 | 第一个客户 | 第二个客户 | 不可见 |",
}


async def parts(url: str) -> dict[str, dict[str, str]]:
    """The generated parts of each README; `url` is a migrated database without customers."""
    ring = KeyRing.generate(Suite.INTL)
    seed(url, ring)
    database = Database(url)
    tools = Tools(unseal_one(ring), Digests(ring), CursorSealer(ring.cursor))
    execution = Execution(build(), Planner(tools, SPECIAL), database.lend)
    viewers = dict(_viewers())
    try:
        first = await execution.answer(Asked(FIRST, None, {}), viewers["rep"])
        same = {name: await execution.answer(Asked(SAME, None, {}), viewer) for name, viewer in viewers.items()}
    finally:
        await database.close()
    shared = {"ask": _asking(FIRST), "first": f"```json\n{_folded(first)}\n```\n", "same": _asking(SAME)}
    return {page: {**shared, "answers": _table(head, viewers, same)} for page, head in WORDS.items()}


def _viewers() -> Iterator[tuple[str, Viewer]]:
    made = house(bulk=False)
    for login, _, role, team in STAFF:
        if login in SIGN_INS:
            member = made.staff[login]
            yield login, Viewer(member.id, role, member.name, made.teams[team].id if team else None)
    partner = made.partners[PARTNER]
    yield "partner", Viewer(partner.id, Role.PARTNER, partner.name, grants=frozenset(PARTNER_GRANTS))


def _asking(query: str) -> str:
    body = orjson.dumps({"query": query}).decode()
    lines = [
        "curl -s http://127.0.0.1:8000/graphql \\",
        '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\',
        f"  -d '{body}'",
    ]
    return "```sh\n" + "\n".join(lines) + "\n```\n"


def _folded(reply: Any) -> str:
    text = orjson.dumps(reply, option=orjson.OPT_INDENT_2).decode()
    innermost = re.compile(r"\{[^{}\[\]]*\}")
    text = innermost.sub(lambda found: re.sub(r"\s+", " ", found[0]), text)
    return re.sub(r"\{\s+(\"name\": \{[^{}]*\}),\s+(\"mobile\": \{[^{}]*\})\s+\}", r"{ \1, \2 }", text)


def _table(head: str, viewers: dict[str, Viewer], replies: dict[str, Any]) -> str:
    rows = [f"| `{name}` | `{viewer.role}` | {' | '.join(_cells(replies[name]))} |" for name, viewer in viewers.items()]
    return "\n".join([head, "|---" * 5 + "|", *rows]) + "\n"


def _cells(reply: Any) -> Iterator[str]:
    yield from (_said(node) if node else "`null`" for node in reply["data"]["nodes"])
    hidden = reply.get("extensions", {}).get("access", {}).get("hidden", [])
    yield ", ".join(f"`{name}`" for name in hidden) or "–"


def _said(node: dict[str, Any]) -> str:
    owner = node["owner"]["name"] if node["owner"] else "`null`"
    score = "`null`" if node["score"] is None else node["score"]
    transfer = "transfer" if node["viewerCan"]["transfer"] else "–"
    return f"{node['name']['display']} · `{node['mobile']['display']}` · {score} · {owner} · {transfer}"
