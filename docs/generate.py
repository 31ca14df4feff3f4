"""Writes the generated parts of the documents: `make docs`. `tests/house/test_docs.py` keeps them true.

A page, named from the checkout, holds its parts between `<!-- begin NAME -->` and `<!-- end NAME -->`; the text around
them is written by hand. `access.md`, `settings.md` and `import.md` have generators of their own.
"""

# ruff: noqa: INP001 - documents are no package
import asyncio
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import demo_answers
import typer
import worked_example

from auth.free_text.inputs import TEXT_INPUTS, Treatment
from auth.report import document as access_page
from domain.errors import ErrorCode
from domain.identity import MAX_PUBLIC_ID
from domain.personal.normal_form import MAX_MARKS_IN_A_ROW
from domain.personal.text import NAME_LENGTH
from resolvers.counts import MOST_GROUPS
from resolvers.reading.bounds import MAX_TEXT
from resolvers.reading.counting import MAX_SELECTED, MAX_STATEMENTS
from resolvers.reading.level import MOST_LISTED
from resolvers.reading.paging import DEFAULT, MAX_CURSOR, MOST
from resolvers.reading.roots import MOST_IDS, MOST_NODES
from resolvers.reading.search import MAX_OPENED
from resolvers.reading.weighing import MAX_WEIGHT
from schema.answering import introspection, strangers
from schema.answering.errors import ErrorKind
from schema.answering.limits import MAX_SOURCE_LENGTH, MAX_TOKENS, limits_rule
from schema.answering.variables import MAX_VALUES
from schema.bounds import ITEMS
from schema.scalars import MAX_MOMENT
from server import settings
from server.cli import app
from server.http.parameters import MAX_PARAMETERS, MAX_QUERY_STRING
from server.http.payloads import MAX_NESTING
from server.importing import headings
from server.postgres.embedded import running
from server.postgres.migrating import migrate
from server.settings import Settings
from tests.personal import corpus

CHECKOUT = Path(__file__).parents[1]


class Told(NamedTuple):
    """Where a code comes up, with its HTTP status, and what a client does about it."""

    where: str
    client: str


REQUEST = "request refused: no `data`"
ROOT = "that root field is null, `path` names it; its siblings are answered"
CLIENTS: Mapping[ErrorKind, Told] = {
    ErrorKind.UNAUTHENTICATED: Told(
        "401 for a bad or expired token; without a token 401 in `application/graphql-response+json`, 200 in "
        "`application/json`; at the end of a stream whose token has ended",
        "`refreshSession`, else `signIn`: whatever `Authorization` header comes with these two is not looked at. "
        "Send the new token as `Authorization: Bearer …`, repeat.",
    ),
    ErrorKind.FORBIDDEN: Told(
        f"filter, order or count by a field that is not CLEAR for the role, or an act that is not the role's "
        f"(`extensions.act`): {ROOT}; in a mutation `data` is null",
        "Do not repeat. Offer only what `viewer.access` and `viewerCan` allow. Send one act per request.",
    ),
    ErrorKind.BAD_USER_INPUT: Told(
        f"variable or argument: {REQUEST}; 400 for text with the character U+0000, and for JSON that is nested too "
        f"deeply; search text or time: {ROOT}",
        "Show the message beside the input. It names the place, never the value.",
    ),
    ErrorKind.BAD_PAGE: Told(ROOT, "Give `first` or `last`, 1 to 100."),
    ErrorKind.BAD_CURSOR: Told(ROOT, "Drop the cursor and begin with the first page."),
    ErrorKind.LIMIT_EXCEEDED: Told(
        f"{REQUEST}; `extensions.limit` and `extensions.allowed` name the limit; 429, with "
        "`extensions.retryAfter`, for too many streams, connections, requests of one client or introspections",
        "Send a smaller document, ask for smaller pages, close a stream. With `Retry-After` or "
        "`extensions.retryAfter`: wait so many seconds.",
    ),
    ErrorKind.GRAPHQL_PARSE_FAILED: Told(REQUEST, "Correct the document; `locations` says where."),
    ErrorKind.GRAPHQL_VALIDATION_FAILED: Told(REQUEST, "Correct the document against the SDL."),
    ErrorKind.BAD_REQUEST: Told(f"400, or {REQUEST}", "Correct the HTTP request or `operationName`."),
    ErrorKind.NOT_FOUND: Told("404, an address that is not `/graphql`, `/healthz` or `/readyz`", "Correct the URL."),
    ErrorKind.METHOD_NOT_ALLOWED: Told(
        "405; a mutation or subscription by `GET`", "Send what the header `Allow` names, mutations by `POST`."
    ),
    ErrorKind.NOT_ACCEPTABLE: Told(
        "406, a subscription without `text/event-stream` in `Accept`", "Send `Accept: text/event-stream`."
    ),
    ErrorKind.PERSONAL_DATA_IN_URL: Told(
        "400, a query by `GET` that uses such an argument; `extensions.argument` names it", "Send the query by `POST`."
    ),
    ErrorKind.PERSISTED_QUERY_NOT_SUPPORTED: Told(
        "`extensions.persistedQuery` or `documentId` without `query`: 400 in `application/graphql-response+json`, 200 "
        "in `application/json`",
        "Send the document in `query`. The persisted-query links of Apollo and urql do so by themselves.",
    ),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: Told("415", "Send `Content-Type: application/json`, not compressed."),
    ErrorKind.PAYLOAD_TOO_LARGE: Told(
        "413, also for too many chunks or too many bytes around them, or 414 for a URL",
        "Send less; `ZHIKE_MAX_BODY_BYTES` is the bound of a body. Send a long query by `POST`.",
    ),
    ErrorKind.TIMEOUT: Told(
        "503 after 30 seconds, or when the database kept a statement or a lock waiting for "
        "`ZHIKE_STATEMENT_TIMEOUT_MS`; of a mutation too, whose `data` is null then",
        "Ask for less, then repeat; an act under its `Idempotency-Key`.",
    ),
    ErrorKind.REQUEST_TIMEOUT: Told(
        "408, a head that takes longer than 10 seconds, or a body that takes longer than 15",
        "Send the request at once.",
    ),
    ErrorKind.HEADERS_TOO_LARGE: Told(
        "431, more than 32,768 bytes of address and headers, or more than 100 headers; of trailers likewise",
        "Send fewer, shorter headers.",
    ),
    ErrorKind.UNAVAILABLE: Told(
        "503 of `/readyz`; too many connections; a server that stops", "Wait as `Retry-After` says, and repeat."
    ),
    ErrorKind.INTERNAL: Told(
        "500, or in the reply; `extensions.id` is the id of the log entry", "Report the id. Repeat a query once."
    ),
}


REFUSALS: Mapping[ErrorCode, str] = {
    ErrorCode.NOT_FOUND: "Read the list again. Absent and out of reach are never told apart.",
    ErrorCode.INVALID: "Show the message beside the input that `field` names.",
    ErrorCode.CONFLICT: "Read again, show the difference, repeat with the new version. It comes alone.",
    ErrorCode.DUPLICATE: "Look for the customer in the own list; whose it is, is not told. "
    "It comes alone, when all else is right.",
    ErrorCode.WRONG_STATE: "Read again; `viewerCan` tells what is possible.",
    ErrorCode.WRONG_CREDENTIALS: "Ask for login and password again.",
    ErrorCode.MASKED_VALUE_WRITE: "Leave unchanged fields out of the input.",
    ErrorCode.LIMIT_EXCEEDED: "Wait, or ask for less.",
    ErrorCode.APPROVAL_REQUIRED: "Do without: nobody can approve yet. `revealable` and `viewerCan` say so before.",
    ErrorCode.IDEMPOTENCY_KEY_REUSED: "Take a new key for a new request.",
}


def refusals() -> str:
    """The table of the codes of `userErrors`."""
    meanings = {value.name: value.description for value in ErrorCode.__strawberry_definition__.values}
    rows = [f"| `{code.value}` | {meanings[code.name]} | {REFUSALS[code]} |" for code in ErrorCode]
    return "\n".join(["| code | 含义 meaning | what a client does |", "|---|---|---|", *rows]) + "\n"


def errors() -> str:
    """The table of all codes."""
    rows = [
        f'| `{kind.value}` | <a id="{kind.value.lower()}"></a>{kind.zh} | {kind.en} | {" | ".join(CLIENTS[kind])} |'
        for kind in ErrorKind
    ]
    return "\n".join(["| code | 含义 | meaning | where | what a client does |", "|---|---|---|---|---|", *rows]) + "\n"


def limits() -> str:
    """The table of all limits."""
    document = limits_rule().allowed
    rows = {
        "rows of a page (`first`, `last`)": f"1 to {MOST}, {DEFAULT} if absent",
        "rows that one query could return, by its page sizes": f"{MOST_NODES:,}",
        "ids of `nodes`": f"{MOST_IDS}",
        "rows of a list without pages (tags, registers)": f"{MOST_LISTED}",
        "groups of `customerCounts`": f"{MOST_GROUPS:,}",
        "characters of `search`": str(NAME_LENGTH),
        "names that the searches of one request open": f"{MAX_OPENED:,}",
        "depth, leaves included": f"{document.depth}",
        "root fields of a mutation (distinct response keys)": f"{document.roots}",
        "`signIn` and `refreshSession` in a request": "1",
        "statements of an operation: lists, `totalCount`s, single objects at the root": f"{MAX_STATEMENTS}",
        "aliases": f"{document.aliases}",
        "directives": f"{document.directives}",
        "fields, fragments expanded": f"{document.fields:,}",
        "fields selected, equal ones merged": f"{MAX_SELECTED}",
        "weight of planning, roots that differ in response keys and values alone counted once": f"{MAX_WEIGHT}",
        "list items and object fields in all variables together, declared or not": f"{MAX_VALUES:,}",
        "nesting of the JSON of a request": f"{MAX_NESTING}",
        "values of a filter, ids, tags": "100",
        "fields of `revealPersonalData`": f"{ITEMS['fields']}",
        "characters of an id, of a cursor, of a date or time": f"{MAX_PUBLIC_ID}, {MAX_CURSOR}, {MAX_MOMENT}",
        "characters of a text": "as its description in the SDL says",
        "characters of the texts of all roots together, each counted wherever it is used": f"{MAX_TEXT:,}",
        "combining marks in a row": f"{MAX_MARKS_IN_A_ROW}",
        "tokens of a document": f"{MAX_TOKENS:,}",
        "characters of a document": f"{MAX_SOURCE_LENGTH:,}",
        "tokens and characters without an access token (else `UNAUTHENTICATED`)": f"{strangers.MAX_TOKENS} and "
        f"{strangers.MAX_SOURCE_LENGTH:,}",
        "fields without an access token, fragments expanded": f"{strangers.MAX_FIELDS}",
        "introspection without an access token: tokens, characters, size of the answer": f"{introspection.MAX_TOKENS}, "
        f"{introspection.MAX_SOURCE_LENGTH:,}, {introspection.MAX_TIMES_STANDARD} times that to the tools' query",
        "new introspection requests without an access token, of all clients": f"{introspection.MOST_NEW} in "
        f"{introspection.WITHIN:.0f} s, per process",
        "bytes and parameters of the query string of a `GET`": f"{MAX_QUERY_STRING:,} and {MAX_PARAMETERS}",
        "bytes of a request body": f"{Settings.model_fields['max_body_bytes'].default:,} (`ZHIKE_MAX_BODY_BYTES`)",
    }
    return (
        "\n".join(["| limit | at most |", "|---|---|", *(f"| {name} | {most} |" for name, most in rows.items())]) + "\n"
    )


def inputs() -> str:
    """The table of what becomes of each text that a mutation takes."""
    rows = [
        f"| {', '.join(f'`{name}`' for name, treated in TEXT_INPUTS.items() if treated is how)} | {how} |"
        for how in Treatment
    ]
    return "\n".join(["| text | what becomes of it |", "|---|---|", *rows]) + "\n"


def clients() -> dict[str, str]:
    """How each client is set up: the files that the tests run, by name."""
    languages = {".mjs": "js", ".py": "python"}
    files = [path for path in sorted((CHECKOUT / "tests/clients/setup").iterdir()) if path.suffix in languages]
    return {path.stem: f"```{languages[path.suffix]}\n{path.read_text()}```\n" for path in files}


def commands() -> str:
    """The table of all commands."""
    rows = [f"| `{_call(name, command)}` | {_first_line(command.help)} |" for name, command in _commands("zhike", _APP)]
    return "\n".join(["| command | what it does |", "|---|---|", *rows]) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for inner in command.commands.values():
        yield from _commands(f"{name} {inner.name}", inner)


def _call(name: str, command: Any) -> str:
    return " ".join([name, *(_parameter(one) for one in command.params if one.name != "help")])


def _parameter(one: Any) -> str:
    if one.param_type_name == "argument":
        text = str(one.name).upper()
        return text if one.required else f"[{text}]"
    value = "" if one.is_flag else f" {str(one.name).upper()}"
    option = f"{one.opts[0]}{value}" if one.required else f"[{one.opts[0]}{value}]"
    return option + " …" * one.multiple


def _first_line(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


_APP = typer.main.get_command(app)


def held(page: str) -> dict[str, str]:
    """The generated parts that a page holds, by name."""
    return {found[1]: found[2] for found in _PART.finditer((CHECKOUT / page).read_text())}


def write(page: str, parts: Mapping[str, str]) -> None:
    """Puts these parts into the page. Raises KeyError for a mark without a part."""
    path = CHECKOUT / page
    path.write_text(_PART.sub(lambda found: _marked(found[1], parts[found[1]]), path.read_text()))


def _marked(name: str, part: str) -> str:
    return f"<!-- begin {name} -->\n{part}<!-- end {name} -->"


_PART = re.compile(r"<!-- begin (\w+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)


def main() -> None:
    (CHECKOUT / "docs/access.md").write_text(access_page())
    settings.document(CHECKOUT / "docs/settings.md")
    headings.document(CHECKOUT / "docs/import.md")
    write("docs/errors.md", {"errors": errors(), "refusals": refusals()})
    write("docs/commands.md", {"commands": commands()})
    write("docs/personal-information.md", {"detection": corpus.table(), "inputs": inputs()})
    write("docs/clients.md", clients())
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data", throwaway=True) as server:
        example, demo = server.url("example"), server.url("demo")
        migrate(example)
        write("docs/reading.md", {**asyncio.run(worked_example.sections(example)), "limits": limits()})
        migrate(demo)
        for page, parts in asyncio.run(demo_answers.parts(demo)).items():
            write(page, parts)


if __name__ == "__main__":
    main()
