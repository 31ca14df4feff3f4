"""The fields of a customer, from the cells of a row: each fault is told, and all other fields are taken."""

from auth.free_text import open_text
from domain.customer import Customer
from domain.imported_details import ImportedDetail
from domain.personal import postal_address
from domain.tier import TIERS
from server.importing.cells import Cells, first
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.layout import NAMES
from server.importing.owners import Owners
from server.importing.values import day_numbered, numbers_in, refuse_broken, restored, score
from server.importing.words import CHANNELS, STAGES, TIER_CODES, meant_by

_WRITTEN = frozenset({Column.NAME, Column.CONTACT, Column.COMPANY, Column.NOTE})
"""What people write in words: a number there is what they wrote."""
_SEALED = (Column.EMAIL, Column.WECHAT_ID)
_ADDRESSES = (Column.ADDRESS, Column.DELIVERY_ADDRESS)
_OPEN = (Column.EXTERNAL_ID, Column.REGION, Column.INDUSTRY, Column.SOURCE)


def restored_cells(cells: Cells, notes: Findings) -> dict[Column, list[str]]:
    """The cells without what programs do to codes that they take for amounts; every change is told."""
    made: dict[Column, list[str]] = {}
    for column, texts in cells.items():
        made[column] = texts if column in _WRITTEN else [restored(text, column) for text in texts]
        if made[column] != texts:
            notes.add(
                column,
                "号码曾被当作数值，已去掉小数部分或还原科学计数法",
                "The number had been taken for an amount; its fraction was dropped or its digits written out",
            )
    return made


def without_broken_cells(cells: Cells, faults: Findings) -> Cells:
    """The cells without those that lost something on the way, each of which is one fault. Names stay: a row without
    one would be told to lack it.
    """
    broken: set[tuple[Column, str]] = set()
    for column, texts in cells.items():
        for text in texts:
            before = len(faults)
            with faults.refusals_of(column):
                refuse_broken(text, column)
            if len(faults) > before and column not in NAMES:
                broken.add((column, text))
    if not broken:
        return cells
    return {column: [text for text in texts if (column, text) not in broken] for column, texts in cells.items()}


def take_numbers(customer: Customer, cells: Cells, faults: Findings) -> None:
    """The first number of the mobile column is the mobile; a second one, or that of the other column, is kept too."""
    found: dict[Column, dict[str, str]] = {Column.MOBILE: {}, Column.OTHER_MOBILE: {}}
    for column in found:
        with faults.refusals_of(column):
            found[column] = numbers_in(cells.get(column, []), column)
    number = next(iter(found[Column.MOBILE]), None)
    others = found[Column.MOBILE] | found[Column.OTHER_MOBILE]
    with faults.refusals_of("mobile"):
        customer.fill("mobile", others.pop(number) if number else None)
    with faults.refusals_of("other_mobile"):
        customer.fill("other_mobile", next(iter(others.values()), None))
    if len(others) > 1:
        faults.add("other_mobile", "号码超过两个，请只留两个", "There are more than two numbers; leave two")


def take_birth_date(customer: Customer, text: str, faults: Findings, warnings: Findings) -> None:
    day = day_numbered(text)
    with faults.refusals_of("birth_date"):
        customer.birth_date = day or text or None
    if day and "birth_date" not in {fault.field for fault in faults}:
        warnings.add(
            "birth_date",
            "出生日期是电子表格的日期序号，已换算成日期，请核对",
            "The birth date was the number that a spreadsheet has for a day; it was turned into the day, please check",
        )


def take_texts(customer: Customer, cells: Cells, faults: Findings) -> None:
    for column in _SEALED:
        if text := first(cells, column):
            with faults.refusals_of(column):
                setattr(customer, column, text)
    for column in _OPEN:
        if text := first(cells, column):
            with faults.refusals_of(column):
                setattr(customer, column, text)
                open_text(getattr(customer, column), column)


def take_addresses(customer: Customer, cells: Cells, faults: Findings) -> list[ImportedDetail]:
    """The first address is the customer's; the others are given back, each once."""
    written = [(column, text) for column in _ADDRESSES for text in cells.get(column, ())]
    kept: dict[str, ImportedDetail] = {}
    for at, (column, text) in enumerate(written):
        with faults.refusals_of(column):
            if at == 0:
                customer.address = text
            elif text != written[0][1]:
                address = postal_address(text, field=column)
                kept.setdefault(address, ImportedDetail(column, address))
    return list(kept.values())


def take_words(customer: Customer, cells: Cells, faults: Findings) -> None:
    with faults.refusals_of("stage"):
        if word := first(cells, Column.STAGE):
            customer.stage = meant_by(STAGES, word, "stage")
    with faults.refusals_of("tier"):
        if word := first(cells, Column.TIER):
            customer.tier_id = TIERS[meant_by(TIER_CODES, word, "tier")][0]
    with faults.refusals_of("preferred_channel"):
        if word := first(cells, Column.PREFERRED_CHANNEL):
            customer.preferred_channel = meant_by(CHANNELS, word, "preferred_channel")
    with faults.refusals_of("score"):
        if number := first(cells, Column.SCORE):
            customer.score = score(number)


def take_owner(customer: Customer, text: str, owners: Owners, warnings: Findings) -> None:
    with warnings.refusals_of("owner"):
        customer.owner_id = owners.named(text) if text else None
