"""Personal text on a mapped class: clear only in the moment of writing, sealed and masked ever after (design §6).

`name = Sealed(...)` stands for the columns `name_sealed` (ciphertext), `name_masked` (what queries show) and, where
asked for, `name_digest` (exact search) or `name_buckets` (search by a part). The domain sets the clear value; the
scoped session takes it with `take_clear` and fills the columns before it writes the row.
"""

from typing import Any, Protocol, Self, overload

from sqlalchemy.orm.attributes import flag_dirty


class Normalise(Protocol):
    """Checks a text and gives its one normal form; raises `domain.errors.Invalid` without the value."""

    def __call__(self, text: str, *, field: str) -> str: ...


class Sealed:
    """Descriptor of one personal text. Reading it gives the clear value just written, else raises AttributeError."""

    def __init__(
        self,
        normalise: Normalise,
        *,
        digest: bool = False,
        indexed: bool = False,
        free: bool = False,
    ) -> None:
        self.normalise, self.digest, self.indexed, self.free = normalise, digest, indexed, free
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: object | None, owner: type) -> Self | str | None:
        if row is None:
            return self
        written = clear_values(row)
        if self.name not in written:
            raise AttributeError(f"{owner.__name__}.{self.name} is sealed; ask the scoped session to reveal it")
        return written[self.name]

    def __set__(self, row: Any, value: str | None) -> None:
        written = row.__dict__.setdefault("_clear", {})
        written[self.name] = self.normal(value)
        flag_dirty(row)

    def normal(self, value: str | None) -> str | None:
        """The value as it is kept; None for an empty one. Raises as `normalise` does."""
        return self.normalise(value, field=self.name) if value else None


def clear_values(row: object) -> dict[str, str | None]:
    """The clear values written on this row and not yet sealed, by field."""
    found: dict[str, str | None] = row.__dict__.get("_clear", {})
    return found


def take_clear(row: object) -> dict[str, str | None]:
    """The same, and the row forgets them."""
    found: dict[str, str | None] = row.__dict__.pop("_clear", {})
    return found


def sealed_fields(kind: type) -> dict[str, Sealed]:
    """All personal texts of a mapped class, by name."""
    return {name: value for name, value in vars(kind).items() if isinstance(value, Sealed)}
