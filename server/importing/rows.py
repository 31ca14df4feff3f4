"""One record becomes a draft: a customer, its note and its tags, or all the reasons why it cannot be written."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from auth.free_text import scan
from domain.channel import Channel, Direction
from domain.customer import Customer
from domain.errors import DomainError
from domain.identity import new_id
from domain.imported_details import ImportedDetail
from domain.interaction import Interaction
from domain.personal.text import plain
from domain.purpose import LegalBasis
from server.importing.cells import Cells, first
from server.importing.fields import (
    restored_cells,
    take_addresses,
    take_birth_date,
    take_numbers,
    take_owner,
    take_texts,
    take_words,
    without_broken_cells,
)
from server.importing.findings import Finding, Findings
from server.importing.headings import Column
from server.importing.identities import Identities
from server.importing.layout import Layout
from server.importing.owners import Owners
from server.importing.packages import NO_RESULT
from server.importing.parties import take_parties
from server.importing.records import Record
from server.importing.values import (
    FAILED,
    cell_text,
    name_text,
    note_text,
    restored,
    tags_in,
)

_READ = {Column.NAME: name_text, Column.CONTACT: name_text, Column.NOTE: note_text}
_LIKE_A_NUMBER = re.compile(r"(?<![0-9])[0-9]{9,11}(?![0-9])")
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "合計", "總計", "小計", "total", "subtotal", "grand total"})
"""What stands in a cell of a row that adds up the ones above."""
ENTERED_LATER = frozenset(
    {
        Column.MOBILE,
        Column.OTHER_MOBILE,
        Column.EMAIL,
        Column.WECHAT_ID,
        Column.ADDRESS,
        Column.REGION,
        Column.INDUSTRY,
        Column.TAGS,
        Column.PREFERRED_CHANNEL,
        Column.STAGE,
        Column.TIER,
    }
)
"""What a customer may lack for now, since staff have an act that enters it. Birth date and identity number could be
edited too, but either may be all that tells who is a child, of whom nobody reveals anything without an approval (R30).
"""


@dataclass(frozen=True)
class Terms:
    """What holds for every row of one import. `source` stands where a row names none; `at` is when the import began.

    `actor_id` is on whose word it is done, if anybody's. A row in which nothing is wrong but columns that it
    `may_lack` is written without these. The report lists duplicates of customers who were there before only where
    `told_of` owns them; of all owners where it is None.
    """

    basis: LegalBasis
    source: str | None
    at: datetime
    owners: Owners
    actor_id: UUID | None = None
    may_lack: frozenset[Column] = frozenset()
    told_of: UUID | None = None


@dataclass(frozen=True)
class Draft:
    """What a record becomes, and what is to be said about it. With `faults` it must not be written; what was wrong with
    columns that it may lack, and lacks, is `left_out`.
    """

    line: int
    customer: Customer
    interaction: Interaction | None
    tags: list[str]
    faults: Findings
    warnings: Findings
    notes: Findings
    details: Interaction | None = None
    left_out: list[Finding] = field(default_factory=list)


def cells_of(record: Record, layout: Layout, faults: Findings) -> Cells:
    """The cells of a record by column, empty ones left out; cells missing at its end are empty.

    A record that does not fit the headings has none.
    """
    cells: dict[Column, list[str]] = defaultdict(list)
    if record.cells is None:
        faults.add(
            "",
            "引号没有成对，或单元格过长，无法拆分成列",
            "Its quotation marks do not pair, or a cell is too long: it cannot be split into columns",
        )
        return cells
    if any(cell.strip().casefold() in _TOTALS for cell in record.cells):
        faults.add("", "这是合计行，不是客户", "This is a row of totals, not a customer")
        return cells
    wanted, got = len(layout.columns), len(record.cells)
    if any(map(str.strip, record.cells[wanted:])):
        faults.add("", f"有 {got} 列，表头有 {wanted} 列", f"It has {got} cells where the headings are {wanted}")
        return cells
    for place in layout.places:
        column = layout.columns[place]
        if column and (place in record.failed or (layout.ours and place < got and record.cells[place] == NO_RESULT)):
            cells[column].append(FAILED)
        elif column and place < got and (text := _READ.get(column, cell_text)(record.cells[place])):
            cells[column].append(text)
    return cells


def drafted(line: int, cells: Cells, terms: Terms) -> Draft:
    """The draft of a record that fits the headings, with all faults at once, or without the columns it may lack."""
    draft = _whole(line, cells, terms)
    at_fault = {fault.field for fault in draft.faults}
    if not at_fault or not at_fault <= terms.may_lack:
        return draft
    lacking = _whole(line, {column: texts for column, texts in cells.items() if column not in at_fault}, terms)
    return draft if lacking.faults else replace(lacking, left_out=draft.faults)


def _whole(line: int, cells: Cells, terms: Terms) -> Draft:
    faults, warnings, notes = Findings(line), Findings(line), Findings(line)
    cells = restored_cells({Column.SOURCE: [terms.source], **cells} if terms.source else cells, notes)
    cells = without_broken_cells(cells, faults)
    customer = Customer(id=new_id(), basis=terms.basis, created_at=terms.at, updated_at=terms.at, version=1)
    details = take_parties(customer, cells, faults, warnings)
    take_numbers(customer, cells, faults)
    take_birth_date(customer, first(cells, Column.BIRTH_DATE), faults, warnings)
    take_texts(customer, cells, faults)
    identities = Identities(customer, cells, faults, warnings, notes)
    identities.take()
    take_words(customer, cells, faults)
    take_owner(customer, first(cells, Column.OWNER), terms.owners, warnings)
    details += [*take_addresses(customer, cells, faults), *identities.details]
    tags: list[str] = []
    with faults.refusals_of("tags"):
        tags = tags_in(cells.get(Column.TAGS, []))
    _unmasked_told(cells, warnings)
    customer.created(terms.actor_id, terms.at)
    note, kept = _note(customer, cells, terms.at, faults), _kept(customer, details, terms.at)
    return Draft(line, customer, note, tags, faults, warnings, notes, kept)


def external_id_of(cells: Cells) -> str | None:
    """The customer number in the form in which it is kept, None where there is none or it will be refused."""
    try:
        text = restored(first(cells, Column.EXTERNAL_ID), Column.EXTERNAL_ID)
        return plain(text, field="external_id", longest=100)
    except DomainError:
        return None


def _unmasked_told(cells: Cells, warnings: Findings) -> None:
    """A number that may be a telephone with digits lost is none to the scan, and stays: somebody should look."""
    notes = cells.get(Column.NOTE, [])
    if any(_LIKE_A_NUMBER.search(text) and _LIKE_A_NUMBER.search(scan(text).masked) for text in notes):
        warnings.add(
            "note",
            "备注中有像电话却不完整的号码，未能脱敏，请核对",
            "The note holds a number like an incomplete telephone; it was not masked, please check",
        )


def _note(customer: Customer, cells: Cells, at: datetime, faults: Findings) -> Interaction | None:
    """An export does not say when and by whom a note was written: it counts as said by the customer, now."""
    text = "\n".join(cells.get(Column.NOTE, []))
    with faults.refusals_of("note"):
        if text:
            return Interaction.logged(
                customer,
                channel=Channel.OTHER,
                direction=Direction.INBOUND,
                occurred_at=at,
                summary=text,
                staff_id=None,
                at=at,
            )
    return None


def _kept(customer: Customer, details: list[ImportedDetail], at: datetime) -> Interaction | None:
    """What has no field of its own yet, sealed whole."""
    return Interaction.of_imported_details(customer, details, at) if details else None
