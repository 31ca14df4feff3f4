"""What is to be said about a line: the field and what is wrong with it, in Chinese and English, never a value."""

from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def refusals_of(self, field: str) -> Iterator[None]:
        """Whatever the business refuses within is a finding about the field, and the rest of the row goes on."""
        try:
            yield
        except DomainError as refusal:
            self.add(field, refusal.zh, refusal.en)
