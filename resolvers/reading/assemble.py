"""From tuples to JSON-ready values: nodes say what an answer looks like, `compiled` turns them into one expression.

The expression is made of response keys (GraphQL names), column numbers and constants of the access page, nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias


class Col(NamedTuple):
    """The value of a column."""

    at: int


class Const(NamedTuple):
    """The same value in every answer."""

    value: str | bool | None


class Choice(NamedTuple):
    """One of two constants, as a boolean column says."""

    at: int
    yes: str
    no: str


class Clear(NamedTuple):
    """A sealed text, opened: numbers of the columns that hold wrapped key, person, ciphertext and row id."""

    wrapped: int
    person: int
    sealed: int
    row: int
    place: bytes


class Cursor(NamedTuple):
    """The signed position of a row: `r` the row at hand, `rows[0]` or `rows[-1]` an end of the page.

    At the end from which clients go on (`onward`), a page that stopped on its way has the position where it stopped.
    """

    columns: tuple[int, ...]
    row: str = "r"
    onward: bool = False


class Fact(NamedTuple):
    """Something known of the page: `more` or `less` beyond it, `total`."""

    name: str


class Obj(NamedTuple):
    """An object; null where the column `present` is."""

    items: Sequence[tuple[str, "Node"]]
    present: int | None = None


class Rows(NamedTuple):
    """One item for every row of the page."""

    item: "Node"


class Link(NamedTuple):
    """What the child level `slot` made for this parent's key, given the parent's count of them."""

    slot: int
    key: int
    total: int | None


Node: TypeAlias = Col | Const | Choice | Clear | Cursor | Fact | Obj | Rows | Link
Assembler = Callable[..., Any]


def source(node: Node) -> str:
    """The node as Python source over `r`, `rows`, `more`, `less`, `total`, `links` and `stop`."""
    match node:
        case Col(at):
            return f"r[{at}]"
        case Const(value):
            return repr(value)
        case Choice(at, yes, no):
            return f"({yes!r} if r[{at}] else {no!r})"
        case Clear(wrapped, person, sealed, row, place):
            return f"unseal(r[{wrapped}],r[{person}],r[{sealed}],{place!r}+r[{row}].bytes)"
        case Cursor(columns, row, onward):
            made = f"cursor(({','.join(f'{row}[{i}]' for i in columns)},))"
            ended = made if row == "r" else f"({made} if rows else None)"
            return f"(cursor(stop) if stop else {ended})" if onward else ended
        case Fact(name):
            return name
        case Obj(items, present):
            made = "{" + ",".join(f"{key!r}:{source(item)}" for key, item in items) + "}"
            return made if present is None else f"(None if r[{present}] is None else {made})"
        case Rows(item):
            return f"[{source(item)} for r in rows]"
        case Link(slot, key, total):
            counted = "None" if total is None else f"r[{total}]"
            return f"(None if r[{key}] is None else links[{slot}](r[{key}],{counted}))"


def compiled(node: Node, **names: object) -> Assembler:
    """`f(rows, more, less, total, links, r, stop)`; `names` are the functions that the expression calls."""
    text = f"lambda rows,more,less,total,links,r=None,stop=None:{source(node)}"
    made: Assembler = eval(text, names)  # noqa: S307 - ours alone
    return made
