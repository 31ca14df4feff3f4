"""Acts on customers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select

from auth.beyond import known_in_scope, make_tags, number_in_scope, queues
from auth.creation_limit import refuse_many_short_names
from auth.free_text import is_personal_name, open_text, scan
from auth.policy import Duty
from auth.revealing import is_child, unsealed
from auth.rows import fit_for, is_clear, may_in_general
from domain.customer import CONTACTS, DEFAULT_SYSTEM, EDITABLE, PERSONAL, Customer, CustomerKind
from domain.errors import ApprovalRequired, DomainError, Duplicate, Faults, Gathering, Invalid
from domain.identity import new_id
from domain.lifecycle import LifecycleStage
from domain.personal.document import IdDocument, document_told_by
from domain.reasons import required_reason
from domain.sealed import clear_values
from domain.staff import StaffMember
from domain.tag import Tag, tag_key
from domain.ticket import Ticket
from domain.ticket_state import UNCLOSED
from domain.tier import TIERS, Tier
from domain.word import same_as, tag_name
from resolvers.acting import Act, Acting, Given, forbidden
from resolvers.contact_entry import contact_change, refuse_more_contacts
from resolvers.outcome import Outcome
from resolvers.reading.level import MOST_LISTED

MOST_TAGS = 100


async def create_customer(acting: Acting, given: Given) -> Outcome:
    """A new customer, owned by the rep who makes it or by whom the manager says (S40). Names its legal basis (R06)."""
    if not may_in_general("create", Customer, acting.viewer.kind):
        raise forbidden(acting.name)
    faults = Gathering()
    given = _with_document(given, faults)
    customer = Customer(
        id=new_id(),
        kind=given["kind"],
        basis=given["basis"],
        stage=LifecycleStage.POTENTIAL,
        owner_id=await _first_owner(acting, given, faults),
        created_at=acting.at,
        updated_at=acting.at,
        version=1,
        tags=await _tags(acting, given.get("tags") or (), faults),
    )
    _fill(customer, given, faults)
    faults.tell()
    await refuse_many_short_names(acting.session, customer, acting.viewer.id, acting.at)
    entered = {name: text for name, text in clear_values(customer).items() if name in CONTACTS and text}
    await _enter_contacts(acting, customer, entered, customer.external_id)
    acting.session.add(customer)
    customer.created(acting.viewer.id, acting.at)
    return Outcome({"customer": customer.id})


async def edit_customer(acting: Acting, given: Given) -> Outcome:
    """Sets what is given and leaves the rest; null empties. All faults are told at once; DUPLICATE after all others."""
    customer = await acting.begin("edit", Customer, "customer_id", given)
    faults = Gathering()
    given = _with_document(given, faults)
    with faults:
        await _refuse_unapproved(acting, customer, given)
    changes = {name: value for name, value in given.items() if name not in {"customer_id", "expected_version"}}
    if "tags" in given:
        await acting.session.refresh(customer, ["tags"])
        changes["tags"] = await _tags(acting, given["tags"] or (), faults)
    with faults:
        customer.edit(_as_text(changes), acting.viewer.id, acting.at, await _shown(acting, customer, given))
    with faults:
        _refuse_number_as_name(customer)
    faults.tell()
    changed = {name: text for name, text in clear_values(customer).items() if name in CONTACTS}
    await _enter_contacts(acting, customer, changed)
    return Outcome({"customer": customer.id})


async def assign_customer_tier(acting: Acting, given: Given) -> Outcome:
    """Puts a customer into a tier, for a reason."""
    customer = await acting.begin("assign_tier", Customer, "customer_id", given)
    tiers = {tier.id: tier for tier in await acting.session.scalars(select(Tier))}
    before = tiers.get(customer.tier_id) if customer.tier_id else None
    customer.assign_tier(tiers[TIERS[given["tier"]][0]], before, given["reason"], acting.viewer.id, acting.at)
    return Outcome({"customer": customer.id})


async def transfer_customer(acting: Acting, given: Given) -> Outcome:
    """Gives a customer to another owner, for a reason, and with it the open tickets that the old owner handles."""
    customer = await acting.begin("transfer", Customer, "customer_id", given)
    faults, before = Gathering(), customer.owner_id
    with faults:
        to = await acting.find(StaffMember, "to_staff_id", given["to_staff_id"])
        if not fit_for(Duty.OWN_CUSTOMERS, to):
            raise Invalid("toStaffId", "该员工不能负责客户", "This member of staff may not own customers")
    if faults.found:
        with faults:
            required_reason(given["reason"])
        faults.tell()
    customer.transfer(to, given["reason"], acting.viewer.id, acting.at)
    moved = await _pass_on_tickets(acting, customer, before, to) if before else []
    return Outcome({"customer": customer.id, "moved_tickets": moved[:MOST_LISTED]}, {"movedTicketCount": len(moved)})


async def _pass_on_tickets(acting: Acting, customer: Customer, before: UUID, to: StaffMember) -> list[UUID]:
    """What the old owner handles of this customer goes to the new one, or back to the queue where that role handles
    no tickets.
    """
    handled = select(Ticket).where(Ticket.customer_id == customer.id, Ticket.assignee_id == before)
    opened = (
        handled.where(Ticket.status.in_(UNCLOSED)).order_by(Ticket.opened_at, Ticket.id).with_for_update(key_share=True)
    )
    tickets = (await acting.session.scalars(opened)).all()
    if not tickets:
        return []
    waiting = await queues(acting.session)
    for ticket in tickets:
        if fit_for(Duty.HANDLE_TICKETS, to):
            ticket.assign(to, acting.viewer.id, acting.at)
            ticket.find_queue(waiting)
        else:
            ticket.return_to_queue(waiting, acting.viewer.id, acting.at)
    return [ticket.id for ticket in tickets]


async def move_customer_stage(acting: Acting, given: Given) -> Outcome:
    """Moves a customer along the life cycle."""
    customer = await acting.begin("move_stage", Customer, "customer_id", given)
    customer.move_stage(given["stage"], given.get("reason"), acting.viewer.id, acting.at)
    return Outcome({"customer": customer.id})


FILLED = EDITABLE - {"tags"} | {"source"}
"""What a new customer is filled with as it was given: all that may be edited, and where the customer came from."""

CREATE_CUSTOMER = Act("createCustomer", create_customer, rights=(("create", Customer),))
EDIT_CUSTOMER = Act("editCustomer", edit_customer, rights=(("edit", Customer),))
ASSIGN_CUSTOMER_TIER = Act("assignCustomerTier", assign_customer_tier, rights=(("assign_tier", Customer),))
TRANSFER_CUSTOMER = Act(
    "transferCustomer", transfer_customer, facts={"movedTicketCount": 0}, rights=(("transfer", Customer),)
)
MOVE_CUSTOMER_STAGE = Act("moveCustomerStage", move_customer_stage, rights=(("move_stage", Customer),))


async def _first_owner(acting: Acting, given: Given, faults: Gathering) -> UUID | None:
    """Whom the new customer belongs to: whom the input names, where the page lets the viewer name somebody, else the
    viewer.
    """
    asked = given.get("owner_id")
    if not may_in_general("name_owner", Customer, acting.viewer.kind):
        if asked is not None:
            raise forbidden("createCustomer.ownerId")
        return acting.viewer.id
    if asked is None:
        return None
    with faults:
        owner = await acting.find(StaffMember, "owner_id", asked)
        if not fit_for(Duty.OWN_CUSTOMERS, owner):
            raise Invalid("owner_id", "该员工不能负责客户", "This member of staff may not own customers")
        return owner.id
    return None


def _fill(customer: Customer, given: Given, faults: Gathering) -> None:
    """Sets what was given of a new customer; all that is wrong with it, a missing name too, goes to `faults`."""
    for name in ("external_id", "external_system"):
        with faults:
            if given.get(name):
                setattr(customer, name, given[name])
                open_text(getattr(customer, name), name)
    for name, value in _as_text({name: value for name, value in given.items() if name in FILLED}).items():
        with faults:
            customer.fill(name, value)
    with faults:
        _refuse_number_as_name(customer)
    if not clear_values(customer).get("name") and not any("name" in fault.field for fault in faults.found):
        faults.add(Invalid("name", "请填写客户名称", "Give the customer a name"))


def _with_document(given: Given, faults: Gathering) -> dict[str, Any]:
    """What was given, with the number of a passport or a permit taken for what its shape tells."""
    made = dict(given)
    if document := made.get("id_document"):
        made["id_document"] = IdDocument(document["kind"], document["number"])
    told = _document_in(made.get("id_number"))
    if told is None:
        return made
    del made["id_number"]
    if made.get("id_document") is not None:
        faults.add(
            Invalid(
                "id_number",
                "此号码属于其他证件，而 idDocument 已填写，请只填一处",
                "The number is one of another document, and idDocument is given as well; give one of them",
            )
        )
    made["id_document"] = made.get("id_document") or told
    return made


def _document_in(number: str | None) -> IdDocument | None:
    """The other document that a number tells; None for what is left to the field of identity numbers to judge."""
    try:
        return document_told_by(number, field="id_number") if number else None
    except DomainError:
        return None


async def _shown(acting: Acting, customer: Customer, given: Given) -> Mapping[str, str | None]:
    """What stands now in those personal fields of the input that the viewer sees clear: nothing is told by it."""
    clear = [name for name in PERSONAL if name in given and is_clear(Customer, name, acting.viewer.kind)]
    return await unsealed(acting.session, customer, clear) if clear else {}


def _refuse_number_as_name(customer: Customer) -> None:
    """Names are shown clear: a telephone, card number or e-mail that was just written into one is refused (R35)."""
    name = clear_values(customer).get("name") or ""
    if is_personal_name(name, of_organisation=customer.kind is CustomerKind.ORGANIZATION):
        raise Invalid(
            "name",
            "名称以明文显示，不能含电话、证件号、卡号、邮箱、微信或地址；请填入 mobile、idNumber、email 等栏",
            "Names are shown clear: put the telephone, number, e-mail, WeChat ID or address into a field of its own",
        )


async def _refuse_unapproved(acting: Acting, customer: Customer, given: Given) -> None:
    """What says that somebody is a child stays until an approval: emptied or changed, it would open the door (R30)."""
    telling = [name for name in ("birth_date", "id_number") if name in given]
    if telling and await is_child(acting.session, customer):
        told = "未满十四周岁者的此项资料须经审批方可更改", "A child's record changes here with an approval only"
        raise Faults([ApprovalRequired(name, *told, heals_with_time=True) for name in telling])


def _as_text(values: Mapping[str, Any]) -> dict[str, Any]:
    """A date of birth is sealed as text like every personal value."""
    return {name: value.isoformat() if name == "birth_date" and value else value for name, value in values.items()}


async def _enter_contacts(
    acting: Acting, customer: Customer, contacts: Mapping[str, str | None], external_id: str | None = None
) -> None:
    """Counts the entry, and refuses what a customer in the viewer's own scope has. Emptying a field is no entry. Who
    else has a contact is neither looked for nor told: the act is done as with a value that nobody has (decision 0023).

    Asked only when nothing else is wrong: an act that fails anyway would tell, uncounted, that a contact is unknown.
    Raises LimitExceeded, Faults with Duplicate.
    """
    given = {name: text for name, text in contacts.items() if text}
    if not given and not external_id:
        return
    known_id = customer.id if inspect(customer).key else None  # a new one has no day behind it
    await refuse_more_contacts(acting.session, acting.viewer, acting.at, acting.allowance, known_id)
    known = await known_in_scope(acting.session, acting.digests, given, customer.id)
    told = "您可见的客户中已有人使用此信息", "Another customer in your scope has this already"
    found = [Duplicate(name, *told, found=ids) for name, ids in known.items()]
    if external_id and await number_in_scope(acting.session, customer.external_system or DEFAULT_SYSTEM, external_id):
        told = "您可见的客户中已有此编号", "A customer in your scope has this number of the same system already"
        found.append(Duplicate("external_id", *told))
    if found:
        raise Faults(found)
    acting.session.add(contact_change(acting.viewer, customer.id, acting.at))


async def _tags(acting: Acting, given: Sequence[str], faults: Gathering) -> list[Tag]:
    """The tags of these names, new ones made; none where one is bad, for each of which there is a fault."""
    names: dict[str, str] = {}
    if len(given) > MOST_TAGS:
        faults.add(Invalid("tags", f"最多 {MOST_TAGS} 个标签", f"At most {MOST_TAGS} tags"))
        return []
    for place, text in enumerate(given):
        with faults:
            name = scan(tag_name(text, field=("tags", str(place)))).masked
            names.setdefault(same_as(name), name)
    await make_tags(acting.session, sorted(names.values()))
    return list(await acting.session.scalars(select(Tag).where(tag_key(Tag).in_(names)))) if names else []
