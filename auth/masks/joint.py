"""What masked fields give away together (R38, M9)."""

from types import MappingProxyType

from auth.masks.closing import Mask
from auth.masks.dates import birth_date
from auth.masks.numbers import identity_number, resident_id, resident_id_1_2, resident_id_6_4

LEAST_CANDIDATES = 1000

# How many identity numbers are left to somebody who sees the number and the birth date in these ways; measured, see
# personal-information §5.3. A clear number has nothing left to rebuild, and combinations not named are of no danger.
CANDIDATES = MappingProxyType(
    {
        ("ID_6_4", "CLEAR"): 1,
        ("ID_6_4", "BIRTH_YEAR"): 32,
        ("ID_6_4", "HIDDEN"): 2_853,
        ("ID_3_4", "CLEAR"): 6,
        ("ID_3_4", "BIRTH_YEAR"): 2_300,
        ("ID_1_2", "CLEAR"): 4_700,
        ("ID_1_1", "CLEAR"): 47_000,
    }
)

_CALLED: MappingProxyType[Mask, str] = MappingProxyType(
    {
        identity_number: "ID_1_1",
        resident_id: "ID_1_1",
        resident_id_1_2: "ID_1_2",
        resident_id_6_4: "ID_6_4",
        birth_date: "BIRTH_YEAR",
    }
)


class RebuildableIdError(ValueError):
    """A configuration under which one role could rebuild identity numbers out of masked ones."""


def refuse_rebuildable(id_number: str, birth_date: str) -> None:
    """Raises RebuildableIdError where one role sees both so sharply that fewer than 1,000 numbers come into question.

    Both are named as the role sees them: CLEAR, HIDDEN, or the name of the mask (ID_6_4, BIRTH_YEAR).
    """
    left = CANDIDATES.get((id_number, birth_date))
    if left is not None and left < LEAST_CANDIDATES:
        raise RebuildableIdError(
            f"{id_number} beside a birth date seen {birth_date} leaves {left} candidates; mask one of them more "
            f"/ 证件号掩码 {id_number} 与出生日期 {birth_date} 同时可见时仅剩 {left} 个候选，请加强其中一项的脱敏"
        )


def called(mask: Mask) -> str:
    """The name under which `refuse_rebuildable` knows a mask. Raises RebuildableIdError where nobody measured it."""
    name = _CALLED.get(mask)
    if name is None:
        raise RebuildableIdError(
            "A mask of identity numbers or birth dates that nobody measured: name it in auth/masks/joint.py "
            "/ 证件号或出生日期使用了未经测算的掩码，请在 auth/masks/joint.py 中登记"
        )
    return name
