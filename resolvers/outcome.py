"""What an act came to: what was done, or everything that was wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from uuid import UUID

from domain.base import api_name
from domain.errors import DomainError
from resolvers.errors import Refused


class Refusal(NamedTuple):
    """One of the payload's `userErrors`."""

    code: str
    field: tuple[str, ...]
    message: str
    retry_after: int | None = None
    """Seconds after which it is worth another try, where time heals it. Such a refusal is never kept."""

    @classmethod
    def of(cls, error: DomainError | Refused) -> "Refusal":
        """A refusal as clients see it; one that is told as a GraphQL error is of no field."""
        if isinstance(error, Refused):
            return cls(error.code, (), str(error))
        field, wait = tuple(api_name(part) for part in error.field), getattr(error, "retry_after", None)
        return cls(error.code.value, field, error.message, wait)


@dataclass(frozen=True)
class Outcome:
    """What an act came to. `ids` are read by plans under the caller's rights, and the first that is one id names what
    the act was done to; `facts` are told as they are.

    `subject` is what a refused act would have been done to: for the audit alone, since it may lie out of reach.
    """

    ids: Mapping[str, UUID | Sequence[UUID]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()
    subject: tuple[str, UUID] | None = None

    @property
    def done_to(self) -> tuple[str, UUID] | tuple[None, None]:
        """What the act was done to: type and id."""
        return next(((name, id_) for name, id_ in self.ids.items() if isinstance(id_, UUID)), (None, None))

    def kept(self) -> dict[str, Any]:
        """What the idempotency record holds."""
        ids = {name: str(id_) if isinstance(id_, UUID) else list(map(str, id_)) for name, id_ in self.ids.items()}
        return {"ids": ids, "facts": dict(self.facts), "refusals": [list(refusal[:3]) for refusal in self.refusals]}

    @classmethod
    def recalled(cls, kept: Mapping[str, Any]) -> Self:
        """The outcome of an earlier equal request."""
        refusals = [Refusal(code, tuple(path), message) for code, path, message in kept["refusals"]]
        ids = {name: UUID(id_) if isinstance(id_, str) else list(map(UUID, id_)) for name, id_ in kept["ids"].items()}
        return cls(ids, kept["facts"], refusals)
