"""The one door to clear values: revealing, and finding a customer by an exact contact (R04, R24)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from auth.access import Sight
from auth.allowance import FIND, looks
from auth.beyond import holders, note_lookups
from auth.policy import PAGE
from auth.revealing import needs_approval, unsealed
from auth.rows import is_ready, may_look_for, seen
from domain.access_log import AccessLogEntry, PersonalField
from domain.base import Base
from domain.customer import Customer
from domain.errors import ApprovalRequired, DomainError, Faults, Invalid, LimitExceeded, WrongState
from domain.identity import public_id, read_public_id
from domain.personal import free_text
from domain.personal.phone import as_dialled
from domain.purpose import Purpose
from domain.sealed import sealed_fields
from domain.ticket import TicketStep
from resolvers.acting import Act, Acting, Given, forbidden, not_found
from resolvers.contact_entry import access_entry
from resolvers.outcome import Outcome

FIELDS: dict[type[Base], frozenset[str]] = {
    model: frozenset(sealed_fields(model)) for model, page in PAGE.items() if "reveal" in page.acts
}
"""What can be revealed of each type: all that is sealed of it."""

BY_PREFIX = {model.PREFIX: model for model in FIELDS}
NUMBERS = frozenset({PersonalField.MOBILE, PersonalField.OTHER_MOBILE})
LONGEST_REASON = 500

Look = Callable[[type[Base], UUID, PersonalField], AccessLogEntry]


async def reveal_personal_data(acting: Acting, given: Given) -> Outcome:
    """Clear values of one row, for a purpose and a reason; each is a row of the access log, and none without one.

    Raises NotFound, Refused FORBIDDEN, then Faults with everything else that stands against it, LimitExceeded.
    """
    row = await _found(acting, given["id"])
    model = type(row)
    asked = {field: field.value.lower() for field in given["fields"]}
    if not await _is_open(acting, row, asked.values()):
        raise forbidden(acting.name)
    faults = await _input_faults(acting, given, model)
    reason = _reason(given["reason"], faults)
    if is_ready("reveal", row, acting.viewer) is not True:
        faults.append(WrongState("id", "文本未脱敏，可直接查看", "Nothing of this text is masked; read it as it is"))
    faults += await _unapproved(acting, row, given["fields"])
    if faults:
        raise Faults(faults)
    values = await unsealed(acting.session, row, asked.values())
    shown = [field for field, name in asked.items() if values[name] is not None]
    await _refuse_too_many(acting, len(shown))
    look = _looking(acting, row.person_id, given["purpose"], reason)
    acting.session.add_all(look(model, row.id, field) for field in shown)
    return Outcome({model.__tablename__: row.id}, _told(acting, {field: values[name] for field, name in asked.items()}))


async def find_customer_by_contact(acting: Acting, given: Given) -> Outcome:
    """Whoever has exactly this number or address, in scope or not: for an hour they are callers whom the viewer sees.

    A search counts as a look for every customer found, and as one where there is none: it tells that as well. The last
    look of an hour finds all of them: whether it is refused is judged first, and tells nothing of how many there are.
    The audit has one row for an act, and names the first customer found; the access log has a row for each of them.
    """
    faults = await _purpose_faults(acting, given["purpose"])
    contact = _contact(given, faults)
    if contact is None or faults:
        raise Faults(faults)
    name, text = contact
    await _refuse_too_many(acting, 1)
    found = await holders(acting.session, acting.digests, name, text)
    for id_ in found:
        look = _looking(acting, id_, given["purpose"], FIND)
        acting.session.add(look(Customer, id_, PersonalField[name.upper()]))
    await note_lookups(acting.session, acting.viewer.id, found, acting.at)
    ids: dict[str, UUID | Sequence[UUID]] = {"customer": found[0], "customers": found} if found else {}
    return Outcome(ids, {"customerIds": [public_id(Customer.PREFIX, id_) for id_ in found]})


REVEAL_PERSONAL_DATA = Act(
    "revealPersonalData",
    reveal_personal_data,
    repeatable=False,
    facts={"values": []},
    rights=tuple(("reveal", model) for model in FIELDS),
)
FIND_CUSTOMER_BY_CONTACT = Act(
    FIND,
    find_customer_by_contact,
    facts={"customerIds": []},
    general=("find_by_contact", Customer),
    rights=(("find_by_contact", Customer),),
)


async def _found(acting: Acting, public: str) -> Any:
    """The row that an id of any of these types names, with the ticket of a step. Raises NotFound."""
    named = read_public_id(public)
    model: Any = BY_PREFIX.get(named[0]) if named else None
    if model is None:
        raise not_found("id")
    row: Any = await acting.find(model, "id", public)
    if isinstance(row, TicketStep):
        await acting.session.refresh(row, ["ticket"])
        if row.ticket is None:
            raise not_found("id")
    return row


async def _is_open(acting: Acting, row: Base, names: Iterable[str]) -> bool:
    """Whether the page lets the viewer reveal of this row, and hides none of the fields from them."""
    kind, model = acting.viewer.kind, type(row)
    hidden = (seen(model, name, kind) is Sight.HIDDEN for name in names if name in FIELDS[model])
    return not any(hidden) and await acting.session.permits("reveal", row)


async def _input_faults(acting: Acting, given: Given, model: type[Base]) -> list[DomainError]:
    """What is wrong with purpose and fields."""
    faults = await _purpose_faults(acting, given["purpose"])
    if not given["fields"]:
        faults.append(Invalid("fields", "请至少选择一项", "Name at least one field"))
    strangers = [at for at, field in enumerate(given["fields"]) if field.value.lower() not in FIELDS[model]]
    told = ("该对象没有此项信息", "This kind of thing has no such field")
    return faults + [Invalid(("fields", str(at)), *told) for at in strangers]


def _reason(text: str, faults: list[DomainError]) -> str:
    try:
        reason = free_text(text, field="reason")
        if len(reason) > LONGEST_REASON:
            raise Invalid("reason", f"最多 {LONGEST_REASON} 个字符", f"At most {LONGEST_REASON} characters")
        if reason == FIND:  # by this word the log tells a search, which opens an hour at the desk
            raise Invalid("reason", "请用自己的话说明原因", "Give the reason in words of your own")
    except DomainError as fault:
        faults.append(fault)
        return ""
    return reason


async def _purpose_faults(acting: Acting, code: str) -> list[DomainError]:
    if await acting.session.get(Purpose, code) is None:
        return [Invalid("purpose", "目的不在登记册中，见 purposes", "Not in the register; `purposes` lists it")]
    if not may_look_for(code, acting.viewer.kind):
        return [Invalid("purpose", "您的角色不能以此目的查看", "Your role may not look for this purpose; name another")]
    return []


async def _unapproved(acting: Acting, row: Any, fields: Sequence[PersonalField]) -> list[DomainError]:
    """One refusal for each field that nobody may see alone, at its place in the input."""
    customer = await acting.session.get(Customer, row.person_id)
    if customer is None:
        raise not_found("id")
    names = [field.value.lower() for field in fields]
    there = [name for name in names if getattr(row, f"{name}_sealed", None) is not None]
    closed = await needs_approval(acting.session, customer, row, there)
    if row is customer and customer.under_14 and not closed.issuperset(there):
        customer.under_14 = False  # has turned 14 since it was written
    told = ("此项需要审批，暂不能查看", "This needs somebody's approval and cannot be shown yet")
    return [ApprovalRequired(("fields", str(at)), *told) for at, name in enumerate(names) if name in closed]


def _contact(given: Given, faults: list[DomainError]) -> tuple[str, str] | None:
    """The one contact to search for, in its normal form."""
    contacts = [(name, given[name]) for name in ("mobile", "email") if given.get(name) is not None]
    if len(contacts) != 1:
        told = ("手机与邮箱须且只能填一项", "Give exactly one of mobile and email")
        faults += [Invalid(name, *told) for name in ("mobile", "email")]
        return None
    name, text = contacts[0]
    try:
        return name, getattr(Customer, name).normalise(text, field=name)
    except DomainError as fault:
        faults.append(fault)
        return None


async def _refuse_too_many(acting: Acting, more: int) -> None:
    if more and await looks(acting.session, acting.viewer.id, acting.at) + more > acting.allowance.values:
        raise LimitExceeded((), "一小时内查看次数已达上限，请稍后再试", "No more looks this hour; try later", 3600)


def _looking(acting: Acting, person_id: UUID, purpose: str, reason: str) -> Look:
    """Makes entries of the access log: who looks now at data of this person, and why."""

    def look(model: type[Base], subject_id: UUID, field: PersonalField) -> AccessLogEntry:
        subject = model.PREFIX, subject_id
        return access_entry(acting.viewer, acting.at, subject, person_id, field, purpose, reason)

    return look


def _told(acting: Acting, values: dict[PersonalField, str | None]) -> dict[str, Any]:
    told = [
        {"__typename": "RevealedValue", "field": field.value, "value": _read_out(field, text)}
        for field, text in values.items()
    ]
    return {"values": told, "expiresAt": acting.at + acting.allowance.shown_for}


def _read_out(field: PersonalField, text: str | None) -> str | None:
    return as_dialled(text) if text and field in NUMBERS else text
