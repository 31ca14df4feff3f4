"""The worked example of `docs/reading.md`: one query through the real planner on a real database, written down.

`make docs` starts a database for it; the test gives it the one that the tests have.
"""

# ruff: noqa: INP001 - documents are no package
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any
from unittest.mock import patch
from uuid import UUID

import orjson

from auth.door.session import opened
from auth.jobs import Job, SystemViewer
from auth.sealing.ciphers import Suite
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Viewer
from domain.customer import Customer, CustomerKind
from domain.identity import shaped_id
from domain.lifecycle import LifecycleStage
from domain.purpose import LegalBasis
from domain.staff import Role, StaffMember
from domain.ticket import Ticket
from domain.ticket_state import TicketKind, TicketPriority
from resolvers.reading import assemble, build
from resolvers.reading.plan import Planner
from resolvers.reading.selection import Field
from resolvers.reading.statement import Execute, Row, Tools
from resolvers.roots import SPECIAL
from schema.answering.asked import Asked
from schema.answering.execution import Execution
from schema.answering.selecting import Operation
from schema.build import build as build_schema
from server.postgres.database import Database

QUERY = """\
query Mine($size: Int!) {
  customers(first: $size, where: { stage: [PURCHASE] }) {
    totalCount
    nodes {
      id
      name { display }
      phone: mobile { display sight }
      tickets(first: 1) { nodes { status } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
VARIABLES = {"size": 2}
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@dataclass
class Trace:
    """What went by while the query was answered."""

    sources: list[str] = field(default_factory=list)
    statements: list[tuple[str, Sequence[object], list[Row]]] = field(default_factory=list)


async def sections(url: str) -> dict[str, str]:
    """The example's parts as fenced Markdown, by name; `url` is a migrated database, which is left with its rows."""
    database = Database(url)
    ring = replace(KeyRing.generate(Suite.INTL), cursor=bytes(32))
    try:
        viewer = await _filled(database, ring)
        return await _traced(database, ring, viewer)
    finally:
        await database.close()


async def _traced(database: Database, ring: KeyRing, viewer: Viewer) -> dict[str, str]:
    trace = Trace()
    schema = build_schema()
    tools = Tools(unseal_one(ring), Digests(ring), CursorSealer(ring.cursor))
    execution = Execution(schema, Planner(tools, SPECIAL), _lending(database, trace))
    with patch.object(build, "compiled", _recording(trace)):
        reply = await execution.answer(Asked(QUERY, None, dict(VARIABLES)), viewer)
    operation = Operation(schema._schema, execution._preparation.validated(QUERY, None).document, None)  # noqa: SLF001
    fields, _ = operation.select(operation.coerced(VARIABLES))
    return {
        "query": _fenced("graphql", QUERY) + _fenced("json", orjson.dumps(VARIABLES).decode()),
        "selections": _fenced("text", "\n".join(_lines(fields))),
        "statements": "\n".join(_statement(*statement) for statement in trace.statements),
        "assemblers": "\n".join(_fenced("text", _folded(source)) for source in trace.sources),
        "answer": _fenced("json", _json(reply)),
    }


def _recording(trace: Trace) -> Any:
    def compiled(node: assemble.Node, **names: object) -> assemble.Assembler:
        trace.sources.append(assemble.source(node))
        return assemble.compiled(node, **names)

    return compiled


def _lending(database: Database, trace: Trace) -> Any:
    @asynccontextmanager
    async def lend() -> AsyncIterator[Execute]:
        async with database.lend() as execute:

            async def run(statement: bytes, parameters: Sequence[object]) -> list[Row]:
                rows = await execute(statement, parameters)
                trace.statements.append((statement.decode(), parameters, rows))
                return rows

            yield run

    return lend


async def _filled(database: Database, ring: KeyRing) -> Viewer:
    rep = StaffMember(id=_id(1), login="rep", name="孙倩", role=Role.REP, created_at=MORNING, active=True)
    people = [_customer(rep, number, *who) for number, who in enumerate(_PEOPLE, 2)]
    tickets = [_ticket(person, number) for number, person in enumerate(people[:2], 12)]
    async with opened(database.desks, SystemViewer(Job.DEMO), ring) as session:
        session.add_all([rep, *people, *tickets])
    return Viewer(id=rep.id, role=rep.role, name=rep.name)


_PEOPLE = (("欧阳娜娜", "16000001234"), ("王小明", "16100005678"), ("李雷", "16300009012"))


def _customer(rep: StaffMember, number: int, name: str, mobile: str) -> Customer:
    made = Customer(
        id=_id(number),
        kind=CustomerKind.PERSON,
        basis=LegalBasis.CONTRACT,
        stage=LifecycleStage.PURCHASE,
        owner_id=rep.id,
        created_at=MORNING.replace(minute=40 - number),
        updated_at=MORNING,
        version=1,
    )
    made.name, made.mobile = name, mobile
    return made


def _ticket(customer: Customer, number: int) -> Ticket:
    made = Ticket.opened(
        customer,
        kind=TicketKind.QUESTION,
        priority=TicketPriority.NORMAL,
        subject="咨询安装时间",
        description="想约周二上门",
        team_id=None,
        actor_id=None,
        at=MORNING,
    )
    made.id = _id(number)
    return made


def _id(number: int) -> UUID:
    return shaped_id(int(MORNING.timestamp() * 1000), number)


# -- Putting it on paper -----------------------------------------------------------------------------------------------


def _lines(fields: tuple[Field, ...], indent: str = "") -> list[str]:
    lines = []
    for one in fields:
        args = ", ".join(f"{name}: {_shape(arg.shape)} → slot {arg.slot}" for name, arg in one.args)
        alias = f" as {one.key}" if one.key != one.label else ""
        lines.append(f"{indent}{one.name}{alias}: {one.type}" + (f"  ({args})" if args else ""))
        for _, kids in one.kids:
            lines += _lines(kids, indent + "    ")
    return lines


def _shape(shape: Any) -> str:
    if isinstance(shape, tuple):
        return "{" + ", ".join(f"{key}: {_shape(inner)}" for key, inner in shape) + "}"
    if isinstance(shape, frozenset):
        return "{" + ", ".join(sorted(one.name for one in shape)) + "}"
    return "…" if shape is ... else str(shape)


def _statement(sql: str, parameters: Sequence[object], rows: list[Row]) -> str:
    bound = "\n".join(f"-- ${number} = {_value(value)}" for number, value in enumerate(parameters, 1))
    found = "\n".join(f"-- → ({', '.join(_value(value) for value in row)})" for row in rows)
    return _fenced("sql", f"{_wrapped(sql)}\n{bound}\n{found}")


def _wrapped(sql: str) -> str:
    broken = re.sub(r" (LEFT OUTER JOIN|JOIN LATERAL|ORDER BY) ", r"\n\1 ", sql)
    return "\n".join(piece for line in broken.splitlines() for piece in _pieces(line.strip()))


def _pieces(line: str) -> list[str]:
    return wrap(line, 118, subsequent_indent="       ", break_long_words=False, break_on_hyphens=False)


def _value(value: object) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value) if isinstance(value, UUID | datetime) else repr(value)


def _folded(source: str) -> str:
    """One line for each member of the answer's outer objects."""
    text, braces, brackets = "", 0, 0
    for character in source:
        braces += {"{": 1, "}": -1}.get(character, 0)
        brackets += {"(": 1, ")": -1}.get(character, 0)
        text += character
        if character == "," and braces <= 2 and not brackets:
            text += "\n" + " " * braces
    return text


def _json(reply: Any) -> str:
    text = orjson.dumps(reply, option=orjson.OPT_INDENT_2 | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z).decode()
    # The innermost objects and lists on one line each, twice: objects, then lists of one object.
    for innermost in (r"\{[^{}\[\]]*\}", r"\[\s+\{[^{}\[\]]*\}\s+\]", r"\{[^{}]{,60}\}"):
        text = re.sub(innermost, lambda found: _on_one_line(found[0]), text)
    return text


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text) if len(re.sub(r"\s+", " ", text)) <= 100 else text


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"
