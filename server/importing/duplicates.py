"""Customers who bear the same number or address as another one, told by keyed digests: no value is compared in clear.

They are written all the same, since families and firms share telephones; the report lists them for somebody to judge.
"""

from collections.abc import Collection, Mapping

from auth.door.recording import digested
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests
from domain.customer import Customer
from domain.sealed import clear_values, sealed_fields
from server.importing.findings import Findings

FIELDS = tuple(name for name, field in sealed_fields(Customer).items() if field.digest)


class Duplicates:
    """Remembers the digests of this import's rows, by line."""

    def __init__(self, ring: KeyRing) -> None:
        self._digests = Digests(ring)
        self._lines: dict[bytes, int] = {}

    def digests_of(self, customer: Customer) -> Mapping[str, list[bytes]]:
        """Of each field written on the customer the digests under all live keys, the current one first."""
        written = clear_values(customer)
        return {
            field: self._digests.candidates(*digested(field, text)) for field in FIELDS if (text := written.get(field))
        }

    def noted(self, line: int, digests: Mapping[str, list[bytes]], stored: Collection[bytes]) -> Findings:
        """What the row shares with earlier lines, or else with the `stored` digests of customers who were there before.

        From now on the row is an earlier line itself.
        """
        found = Findings(line)
        for field, candidates in digests.items():
            if earlier := self._lines.get(candidates[0]):
                found.add(field, f"与第 {earlier} 行相同", f"The same as in line {earlier}")
            elif any(candidate in stored for candidate in candidates):
                found.add(field, "与已有的客户相同", "The same as that of a customer who was there before")
            self._lines.setdefault(candidates[0], line)
        return found
