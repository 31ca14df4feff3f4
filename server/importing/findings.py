"""What is to be said about a line: the field and what is wrong with it, in Chinese and English, never a value."""

from types import TracebackType
from typing import NamedTuple

from domain.errors import DomainError


class Finding(NamedTuple):
    """One sentence about one field in the record that begins at a physical line. `field` is empty for whole rows."""

    line: int
    field: str
    zh: str
    en: str


class Findings(list[Finding]):
    """Sentences about one line, gathered."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line

    def add(self, field: str, zh: str, en: str) -> None:
        self.append(Finding(self.line, field, zh, en))

    def refusals_of(self, field: str) -> "_Refusals":
        """`with findings.refusals_of(field):` whatever the business refuses within is a finding about the field, and
        the rest of the row goes on.
        """
        return _Refusals(self, field)


class _Refusals:
    # Entered for every cell of a file: a generator would take three times as long.
    __slots__ = ("_field", "_findings")

    def __init__(self, findings: Findings, field: str) -> None:
        self._findings, self._field = findings, field

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, refusal: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(refusal, DomainError):
            return False
        self._findings.add(self._field, refusal.zh, refusal.en)
        return True
