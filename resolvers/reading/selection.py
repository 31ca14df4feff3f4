"""What is asked, free of GraphQL's syntax and of the request's values: equal questions are one plan."""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from resolvers.reading.bounds import Bound

Shape = Any
"""What of a value may form a plan: None, booleans, enums and sets of enums whole; objects per key; else just `...`."""

Reader = Callable[[Any], Any]
"""Takes one argument's value from the coerced variables of the request at hand (None where it has none)."""


class Arg(NamedTuple):
    """One argument: its shape, the slot where a request keeps the value, and the most that the value may hold."""

    shape: Shape
    slot: int
    bound: Bound | None = None

    def shape_of(self, name: str) -> Shape:
        """The shape of one key of an input object."""
        return dict(self.shape)[name]


class Field(NamedTuple):
    """One selected field, fragments merged and conditions decided. Hashable all through.

    `name` is the attribute it reads, `label` its name in the SDL, `key` its name in the answer, `type` the SDL type
    that it gives, `listed` whether as a list. `kids` are the fields selected below it, per concrete type.
    """

    name: str
    label: str
    key: str
    type: str
    args: tuple[tuple[str, Arg], ...] = ()
    kids: tuple[tuple[str, tuple["Field", ...]], ...] = ()
    listed: bool = False

    def arg(self, name: str) -> Arg | None:
        """The argument, unless it is absent or null, which narrow nothing."""
        found = dict(self.args).get(name)
        return None if found is None or found.shape is None else found

    def of(self, type_name: str) -> tuple["Field", ...]:
        """The fields selected of this concrete type."""
        return dict(self.kids).get(type_name, ())

    @property
    def asked(self) -> frozenset[str]:
        """Names of the fields selected of the type that the field gives."""
        return frozenset(kid.name for kid in self.of(self.type))

    @property
    def size(self) -> int:
        """How many fields are selected here and below, this one included."""
        return 1 + sum(kid.size for _, kids in self.kids for kid in kids)

    @property
    def first_slot(self) -> int:
        """The least slot of the arguments here and below; 0 without any."""
        return min(self.slots(), default=0)

    def slots(self) -> Iterator[int]:
        """Those of the arguments here and below."""
        yield from (arg.slot for _, arg in self.args)
        for _, kids in self.kids:
            for kid in kids:
                yield from kid.slots()

    def moved(self, by: int) -> "Field":
        """The same with every slot further down by so many."""
        args = tuple((name, arg._replace(slot=arg.slot - by)) for name, arg in self.args)
        kids = tuple((type_, tuple(kid.moved(by) for kid in kids)) for type_, kids in self.kids)
        return self._replace(args=args, kids=kids)

    def bounded(self) -> Iterator[tuple[str, int, Bound]]:
        """Names, slots and bounds of the arguments here and below whose values have a length to judge."""
        for name, arg in self.args:
            if arg.bound is not None and arg.shape is not None:
                yield name, arg.slot, arg.bound
        for _, kids in self.kids:
            for kid in kids:
                yield from kid.bounded()


def shape(value: Any) -> Shape:
    """The part of a value that a plan may depend on. No text, number or id of a request passes."""
    if value is None or isinstance(value, bool | Enum):
        return value
    if isinstance(value, dict):
        return tuple((key, shape(inner)) for key, inner in sorted(value.items()))
    if isinstance(value, list) and value and all(isinstance(one, Enum) for one in value):
        return frozenset(value)
    return ...
