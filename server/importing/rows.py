"""One record becomes a draft: a customer, its note and its tags, or all the reasons why it cannot be written."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from auth.free_text import is_personal_name, open_text, scan
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.errors import DomainError
from domain.identity import new_id
from domain.interaction import Interaction
from domain.personal.text import plain
from domain.purpose import LegalBasis
from domain.sealed import clear_values
from domain.tier import TIERS
from server.importing.findings import Finding, Findings
from server.importing.headings import Column
from server.importing.layout import Layout
from server.importing.owners import Owners
from server.importing.records import Record
from server.importing.values import (
    bare_code,
    cell_text,
    inferred_kind,
    note_text,
    numbers_in,
    refuse_broken,
    score,
    tags_in,
)
from server.importing.words import CHANNELS, KINDS, STAGES, TIER_CODES, meant_by

Cells = dict[Column, list[str]]

_SEALED = (Column.EMAIL, Column.WECHAT_ID, Column.ID_NUMBER, Column.ADDRESS, Column.BIRTH_DATE)
_LIKE_A_NUMBER = re.compile(r"(?<![0-9])[0-9]{9,11}(?![0-9])")
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

_OPEN = (Column.EXTERNAL_ID, Column.REGION, Column.INDUSTRY, Column.SOURCE)


@dataclass(frozen=True)
class Terms:
    """What holds for every row of one import. `source` stands where a row names none; `at` is when the import began.

    `actor_id` is on whose word it is done, if anybody's. A row in which nothing is wrong but columns that it
    `may_lack` is written without these.
    """

    basis: LegalBasis
    source: str | None
    at: datetime
    owners: Owners
    actor_id: UUID | None = None
    may_lack: frozenset[Column] = frozenset()


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
    left_out: list[Finding] = field(default_factory=list)


def cells_of(record: Record, layout: Layout, faults: Findings) -> Cells:
    """The cells of a record by column, empty ones left out. A record that does not fit the headings has none."""
    cells: Cells = defaultdict(list)
    if record.cells is None:
        faults.add(
            "",
            "引号没有成对，或单元格过长，无法拆分成列",
            "Its quotation marks do not pair, or a cell is too long: it cannot be split into columns",
        )
        return cells
    wanted, got = len(layout.columns), len(record.cells)
    if got < wanted or any(map(str.strip, record.cells[wanted:])):
        faults.add("", f"有 {got} 列，表头有 {wanted} 列", f"It has {got} cells where the headings are {wanted}")
        return cells
    for column, cell in zip(layout.columns, record.cells, strict=False):
        if column and (text := note_text(cell) if column is Column.NOTE else cell_text(cell)):
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
    cells = {Column.SOURCE: [terms.source], **cells} if terms.source else cells
    _check(cells, faults)
    customer = Customer(id=new_id(), basis=terms.basis, created_at=terms.at, updated_at=terms.at, version=1)
    customer.kind = inferred_kind(_first(cells, Column.NAME), _first(cells, Column.ID_NUMBER))
    _name(customer, _first(cells, Column.NAME), faults)
    _numbers(customer, cells, faults)
    _texts(customer, cells, faults)
    _words(customer, cells, faults)
    _owner(customer, _first(cells, Column.OWNER), terms.owners, warnings)
    tags: list[str] = []
    with faults.refusals_of("tags"):
        tags = tags_in(cells.get(Column.TAGS, []))
    _upgrade_told(cells, notes)
    _unmasked_told(cells, warnings)
    customer.created(terms.actor_id, terms.at)
    return Draft(line, customer, _note(customer, cells, terms.at, faults), tags, faults, warnings, notes)


def external_id_of(cells: Cells) -> str | None:
    """The customer number in the form in which it is kept, None where there is none or it will be refused."""
    try:
        return plain(_first(cells, Column.EXTERNAL_ID), field="external_id", longest=100)
    except DomainError:
        return None


def _check(cells: Cells, faults: Findings) -> None:
    for column, texts in cells.items():
        for text in texts:
            with faults.refusals_of(column):
                refuse_broken(text, column)


def _name(customer: Customer, name: str, faults: Findings) -> None:
    if not name:
        faults.add("name", "客户名称为空", "The name is missing")
        return
    with faults.refusals_of("name"):
        customer.name = name
    written = clear_values(customer).get("name") or ""
    if is_personal_name(written, of_organisation=customer.kind is CustomerKind.ORGANIZATION):
        faults.add(
            "name",
            "名称中含有电话、证件号或邮箱，请移到对应的栏",
            "A telephone, card number or e-mail stands in the name; move it to its column",
        )


def _numbers(customer: Customer, cells: Cells, faults: Findings) -> None:
    """The first number of the mobile column is the mobile; a second one, or that of the other column, is kept too."""
    found: dict[Column, dict[str, str]] = {Column.MOBILE: {}, Column.OTHER_MOBILE: {}}
    for column in found:
        with faults.refusals_of(column):
            found[column] = numbers_in(cells.get(column, []), column)
    first = next(iter(found[Column.MOBILE]), None)
    others = found[Column.MOBILE] | found[Column.OTHER_MOBILE]
    customer.mobile = others.pop(first) if first else None
    customer.other_mobile = next(iter(others.values()), None)
    if len(others) > 1:
        faults.add("other_mobile", "号码超过两个，请只留两个", "There are more than two numbers; leave two")


def _texts(customer: Customer, cells: Cells, faults: Findings) -> None:
    for column in _SEALED:
        if text := _first(cells, column):
            with faults.refusals_of(column):
                setattr(customer, column, text)
    for column in _OPEN:
        if text := _first(cells, column):
            with faults.refusals_of(column):
                setattr(customer, column, text)
                open_text(getattr(customer, column), column)


def _words(customer: Customer, cells: Cells, faults: Findings) -> None:
    with faults.refusals_of("kind"):
        if word := _first(cells, Column.KIND):
            customer.kind = meant_by(KINDS, word, "kind")
    with faults.refusals_of("stage"):
        if word := _first(cells, Column.STAGE):
            customer.stage = meant_by(STAGES, word, "stage")
    with faults.refusals_of("tier"):
        if word := _first(cells, Column.TIER):
            customer.tier_id = TIERS[meant_by(TIER_CODES, word, "tier")][0]
    with faults.refusals_of("preferred_channel"):
        if word := _first(cells, Column.PREFERRED_CHANNEL):
            customer.preferred_channel = meant_by(CHANNELS, word, "preferred_channel")
    with faults.refusals_of("score"):
        if number := _first(cells, Column.SCORE):
            customer.score = score(number)


def _owner(customer: Customer, text: str, owners: Owners, warnings: Findings) -> None:
    with warnings.refusals_of("owner"):
        customer.owner_id = owners.named(text) if text else None


def _upgrade_told(cells: Cells, notes: Findings) -> None:
    if len(bare_code(_first(cells, Column.ID_NUMBER))) == 15:
        notes.add("id_number", "15 位身份证号已升为 18 位", "An identity card number of 15 digits was upgraded to 18")


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


def _first(cells: Cells, column: Column) -> str:
    return cells[column][0] if cells.get(column) else ""
