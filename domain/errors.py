"""Every way in which the business says no, named once."""

from collections.abc import Sequence
from enum import StrEnum
from types import TracebackType
from typing import ClassVar, Self
from uuid import UUID


class ErrorCode(StrEnum):
    """Why an act was understood and refused; the contract's `UserErrorCode`."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    DUPLICATE = "DUPLICATE"
    WRONG_STATE = "WRONG_STATE"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    MASKED_VALUE_WRITE = "MASKED_VALUE_WRITE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


class DomainError(Exception):
    """An expected refusal, shown to the user in Chinese and English.

    `field` is the path of the input that was wrong, empty where the act as a whole is refused. The texts say what was
    wrong and what to do; they never carry the refused value (R36), so an error may be logged and sent as it is.

    `heals_with_time` says that the very same request may be accepted later though nobody has done anything meanwhile.
    """

    code: ClassVar[ErrorCode]
    heals_with_time = False

    def __init__(self, field: str | tuple[str, ...], zh: str, en: str, *, heals_with_time: bool | None = None) -> None:
        self.field = (field,) if isinstance(field, str) else field
        if heals_with_time is not None:
            self.heals_with_time = heals_with_time
        self.zh = zh
        self.en = en
        super().__init__(field, zh, en)

    @property
    def message(self) -> str:
        """Both languages in one line, as in `UserError.message`."""
        return f"{self.zh} / {self.en}"

    def __str__(self) -> str:
        return self.message


class NotFound(DomainError):
    """No such thing, or none that the actor reaches: the two are never told apart."""

    code = ErrorCode.NOT_FOUND


class Invalid(DomainError):
    """A value that cannot be what its field asks for."""

    code = ErrorCode.INVALID


class Conflict(DomainError):
    """Somebody else changed the thing since it was read."""

    code = ErrorCode.CONFLICT


class Duplicate(DomainError):
    """A thing of which there may be only one is there already. `found` are the ids of those who have it, each with the
    field that holds it: for the access log, never for the answer.
    """

    code = ErrorCode.DUPLICATE

    def __init__(
        self, field: str | tuple[str, ...], zh: str, en: str, *, found: Sequence[tuple[UUID, str]] = ()
    ) -> None:
        super().__init__(field, zh, en)
        self.found = tuple(found)


class WrongState(DomainError):
    """The thing is not in a state that allows the act."""

    code = ErrorCode.WRONG_STATE


class WrongCredentials(DomainError):
    """Who asks for a session did not show what it takes. What was wrong is never told."""

    code = ErrorCode.WRONG_CREDENTIALS


class MaskedValueWrite(DomainError):
    """A masked text was sent back as if it were the value (R37); writing it would destroy the value."""

    code = ErrorCode.MASKED_VALUE_WRITE


class LimitExceeded(DomainError):
    """The actor has used up what one person may do in a time; after `retry_after` seconds it is worth another try."""

    code = ErrorCode.LIMIT_EXCEEDED
    heals_with_time = True

    def __init__(self, field: str | tuple[str, ...], zh: str, en: str, retry_after: int = 60) -> None:
        super().__init__(field, zh, en)
        self.retry_after = retry_after


class ApprovalRequired(DomainError):
    """Nobody may do this alone: somebody else has to approve it first (R30)."""

    code = ErrorCode.APPROVAL_REQUIRED


class Faults(Exception):
    """Several refusals of one act, told together: all that is wrong with an input at once."""

    def __init__(self, errors: Sequence[DomainError]) -> None:
        super().__init__(*errors)
        self.errors = tuple(errors)


class Gathering:
    """Refusals of several checks, to be told together: `with faults: check()` for each, then `faults.tell()`."""

    def __init__(self) -> None:
        self.found: list[DomainError] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, Faults):
            self.found += error.errors
        elif isinstance(error, DomainError):
            self.add(error)
        return isinstance(error, Faults | DomainError)

    def add(self, refusal: DomainError) -> None:
        """One more."""
        self.found.append(refusal)

    def tell(self) -> None:
        """Raises the one refusal, or Faults with all of them; nothing where there is none."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise Faults(self.found)
