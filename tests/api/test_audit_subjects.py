"""The audit of a refused act says what it would have been done to, and never what somebody made up."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from strawberry.utils.str_converters import to_snake_case

from resolvers.acting import SUBJECTS
from schema.answering.entering import ENTRANCES
from schema.build import build
from tests.api.house import Api

AUDIT = "SELECT act, outcome, subject_kind, subject_id FROM audit ORDER BY id"
WHY = {"purpose": "SERVICE", "reason": "回电"}
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "来电"}
MOBILE = "13912340987"
TO = {"owner_id", "to_staff_id", "assignee_id", "team_id"}
"""Ids of members of staff and teams whom something is given to."""


def customer_acts(id_: str) -> list[tuple[str, str, dict[str, Any], str]]:
    """Who does what with a customer, and how it ends."""
    version = {"customerId": id_, "expectedVersion": 9, "region": "华东"}
    return [
        ("rep", "editCustomer", version, "CONFLICT"),
        ("manager", "moveCustomerStage", {"customerId": id_, "stage": "AWARENESS"}, "WRONG_STATE"),
        ("manager", "assignCustomerTier", {"customerId": id_, "tier": "A", "reason": " "}, "INVALID"),
        ("rep", "transferCustomer", {"customerId": id_, "toStaffId": "stf_no", "reason": "换人"}, "FORBIDDEN"),
        ("manager", "transferCustomer", {"customerId": id_, "toStaffId": "stf_no", "reason": "换人"}, "NOT_FOUND"),
        ("rep", "revealPersonalData", {"id": id_, "fields": [], **WHY}, "INVALID"),
        ("rep", "logInteraction", TALK | {"customerId": id_, "summary": " "}, "INVALID"),
        ("other_rep", "editCustomer", version, "NOT_FOUND"),
        ("other_rep", "logInteraction", TALK | {"customerId": id_}, "NOT_FOUND"),
        ("admin", "revealPersonalData", {"id": id_, "fields": ["MOBILE"], **WHY}, "NOT_FOUND"),
    ]


async def test_a_refusal_names_the_customer_in_reach_or_not(api: Api):
    own = api.house.customers["own"]
    acts = customer_acts(api.house.id_of(own))
    for caller, act, given, code in acts:
        assert (await api(caller, act, **given)).codes == [code]
    assert api.rows(AUDIT) == [(act, code, "customer", own.id) for _, act, _, code in acts]


async def test_a_refusal_names_the_ticket_or_the_conversation(api: Api):
    talk, ticket, other = api.house.talks["plain"], api.house.tickets["served"], api.house.tickets["own"]
    reopened = await api("agent", "reopenTicket", ticketId=api.house.id_of(ticket), reason="又坏了")
    to = {"assigneeId": api.house.member("agent")}
    assigned = await api("partner", "assignTicket", ticketId=api.house.id_of(other), **to)
    looked = await api("rep", "revealPersonalData", id=api.house.id_of(talk), fields=["SUMMARY"], **WHY)
    assert [reopened.codes, assigned.codes, looked.codes] == [["WRONG_STATE"], ["FORBIDDEN"], ["WRONG_STATE"]]
    assert api.rows(AUDIT) == [
        ("reopenTicket", "WRONG_STATE", "ticket", ticket.id),
        ("assignTicket", "FORBIDDEN", "ticket", other.id),
        ("revealPersonalData", "WRONG_STATE", "interaction", talk.id),
    ]


@pytest.mark.parametrize(
    "made_up",
    [MOBILE, "", "cus_", f"cus_{MOBILE:0>32}", f"tkt_{MOBILE:0>32}", f"tag_{MOBILE:0>32}", f"{MOBILE:0>32}"],
)
async def test_an_id_that_names_nothing_is_not_written_down(api: Api, made_up):
    """Whoever makes up an id may make it of a telephone number."""
    given = {"customerId": made_up, "expectedVersion": 1, "region": "华东"}
    assert (await api("rep", "editCustomer", **given)).codes == ["NOT_FOUND"]
    assert (await api("rep", "revealPersonalData", id=made_up, fields=["MOBILE"], **WHY)).codes == ["NOT_FOUND"]
    assert api.rows(AUDIT) == [(act, "NOT_FOUND", None, None) for act in ("editCustomer", "revealPersonalData")]


async def test_what_the_audit_names_is_not_told_to_the_caller(api: Api):
    """A refusal for a row out of reach is that for one that never was, to the letter."""
    replies = [
        (await api("rep", "editCustomer", "customer { id }", customerId=id_, expectedVersion=1, region="华东")).reply
        for id_ in (api.house.customer("strange"), "cus_" + "0" * 32)
    ]
    assert replies[0] == replies[1]


def test_every_id_of_an_input_is_a_subject_or_somebody_to_whom_it_is_given():
    """An act whose input names its subject by another word would be audited without one."""
    mutation = build()._schema.mutation_type
    assert mutation is not None
    for name, root in mutation.fields.items():
        if name in ENTRANCES:
            continue
        given = get_named_type(root.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        ids = {to_snake_case(key) for key, field in given.fields.items() if get_named_type(field.type).name == "ID"}
        assert ids - TO <= set(SUBJECTS), name
        assert len(ids & set(SUBJECTS)) <= 1, name
