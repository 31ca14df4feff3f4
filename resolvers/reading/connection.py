"""What a connection looks like: edges, nodes, page info and count, as selected."""

from typing import TYPE_CHECKING

from resolvers.reading.assemble import Const, Cursor, Fact, Node, Obj, Rows
from resolvers.reading.paging import Page
from resolvers.reading.selection import Field

if TYPE_CHECKING:
    from resolvers.reading.build import Builder


def connection(builder: "Builder", field: Field, page: Page) -> Obj:
    """The answer of a connection over the rows of the builder's level."""
    noun, row = builder.noun, builder.row

    def cursor(end: str = "r", *, onward: bool = False) -> Cursor:
        return Cursor(tuple(builder.column(row, attribute) for attribute, _ in page.keys), end, onward)

    def part(inner: Field) -> Node:
        match inner.name:
            case "__typename":
                return Const(field.type)
            case "total_count":
                return Fact("total")
            case "nodes":
                return Rows(builder.object(noun, row, inner.of(noun.name)))
            case "edges":
                return Rows(Obj([(item.key, edge(inner, item)) for item in inner.of(inner.type)]))
            case _:
                return Obj([(item.key, info(item)) for item in inner.of("PageInfo")])

    def edge(edges: Field, item: Field) -> Node:
        match item.name:
            case "__typename":
                return Const(edges.type)
            case "cursor":
                return cursor()
            case _:
                return builder.object(noun, row, item.of(noun.name))

    def info(item: Field) -> Node:
        match item.name:
            case "__typename":
                return Const("PageInfo")
            case "start_cursor":
                return cursor("rows[0]", onward=page.backward)
            case "end_cursor":
                return cursor("rows[-1]", onward=not page.backward)
            case _:
                builder.extra = 1
                return Fact("more" if item.name == "has_next_page" else "less")

    return Obj([(inner.key, part(inner)) for inner in field.of(field.type)])
