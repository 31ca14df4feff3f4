"""A PersonalText of one row: the same shape whatever is seen of it."""

from typing import TYPE_CHECKING, Any

from auth.access import Sight, Varying
from domain.customer import Customer
from resolvers.reading.assemble import Choice, Clear, Col, Const, Node, Obj
from resolvers.reading.conditions import clear, revealed
from resolvers.reading.noun import Noun
from resolvers.reading.selection import Field

if TYPE_CHECKING:
    from resolvers.reading.build import Builder


def personal_text(builder: "Builder", noun: Noun, row: Any, field: Field, sight: Sight | Varying) -> Obj:
    """The parts selected of a personal text that is seen with this sight."""

    def part(inner: Field) -> Node:
        match inner.name:
            case "__typename":
                return Const("PersonalText")
            case "display":
                return _display(builder, noun, row, field.name, sight)
            case "sight":
                return _sight(builder, row, field.name, sight)
            case _:
                return _revealable(builder, row, field.name, sight)

    return Obj([(inner.key, part(inner)) for inner in field.of("PersonalText")])


def id_document(builder: "Builder", noun: Noun, row: Any, field: Field, sight: Sight | Varying) -> Obj:
    """The parts selected of an identity document: its kind is seen by whoever sees the number in any form."""

    def part(inner: Field) -> Node:
        match inner.name:
            case "__typename":
                return Const("IdDocument")
            case "kind":
                return Const(None) if sight is Sight.HIDDEN else Col(builder.column(row, "document_kind"))
            case _:
                return personal_text(builder, noun, row, inner._replace(name=field.name), sight)

    return Obj([(inner.key, part(inner)) for inner in field.of("IdDocument")])


def _display(builder: "Builder", noun: Noun, row: Any, name: str, sight: Sight | Varying) -> Node:
    """The stored mask, or the text itself where the page says CLEAR. A free text that varies is whole where clear."""
    if sight is Sight.HIDDEN:
        return Const(None)
    if sight is not Sight.CLEAR:
        return Col(builder.column(row, f"{name}_masked"))
    person = "id" if noun.model is Customer else "customer_id"
    return Clear(
        wrapped=builder.column(builder.data_key(row, person), "wrapped"),
        person=builder.column(row, person),
        sealed=builder.column(row, f"{name}_sealed"),
        row=builder.column(row, "id"),
        place=f"{noun.model.__tablename__}.{name}:".encode(),
    )


def _sight(builder: "Builder", row: Any, name: str, sight: Sight | Varying) -> Node:
    if isinstance(sight, Sight):
        return Const(sight.value)
    place = builder.column(row, f"clear {name}", clear(sight.clear_when, row, builder.kind))
    return Choice(place, Sight.CLEAR.value, Sight.MASKED.value)


def _revealable(builder: "Builder", row: Any, name: str, sight: Sight | Varying) -> Node:
    """Masked, there is something behind the mask, and revealing it would be done: the viewer may, alone."""
    shown = False if sight in {Sight.CLEAR, Sight.HIDDEN} else revealed(name, row, builder.kind)
    return Const(value=False) if shown is False else Col(builder.column(row, f"revealable {name}", shown))
