"""Personal text: clear in the moment of writing, never to be read afterwards; and the events that a row hands over."""

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import make_transient_to_detached

from domain.customer import Customer
from domain.event import EventKind, take_events
from domain.identity import new_id
from domain.interaction import Interaction
from domain.sealed import clear_values, sealed_fields, take_clear
from domain.tables import Base
from domain.ticket import Ticket, TicketStep


def test_a_value_just_written_can_be_read_in_its_normal_form(customer):
    customer.email = " Wang@Example.COM "
    assert customer.email.endswith("@example.com")
    assert clear_values(customer) == {"email": customer.email}


@pytest.mark.parametrize("field", sealed_fields(Customer))
def test_reading_a_sealed_value_is_refused_by_name_and_without_the_value(customer, field):
    setattr(customer, f"{field}_sealed", b"ciphertext")
    setattr(customer, f"{field}_masked", "王**")
    with pytest.raises(AttributeError) as refusal:
        getattr(customer, field)
    assert field in str(refusal.value)
    assert "王" not in str(refusal.value)
    assert "ciphertext" not in str(refusal.value)


def test_taking_the_clear_values_empties_the_row(customer):
    customer.name, customer.mobile = "王小明", "13812345678"
    taken = take_clear(customer)
    assert taken.keys() == {"name", "mobile"}
    assert (clear_values(customer), take_clear(customer)) == ({}, {})
    with pytest.raises(AttributeError):
        _ = customer.name


def test_emptying_a_value_is_written_as_none(customer):
    customer.email = None
    customer.address = ""
    assert take_clear(customer) == {"email": None, "address": None}


def test_a_value_that_is_refused_is_not_kept(customer):
    customer.email = "wang@example.com"
    with pytest.raises(Exception, match="@"):
        customer.email = "nobody"
    assert customer.email == "wang@example.com"


def test_a_row_never_shows_its_clear_values(customer):
    customer.name = "王小明"
    assert "王小明" not in repr(customer) + str(customer)


def test_writing_a_sealed_value_tells_the_session_that_the_row_changed(customer):
    make_transient_to_detached(customer)
    assert not inspect(customer).modified
    customer.name = "王小明"
    assert inspect(customer).modified


def test_every_sealed_text_has_its_columns():
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    sealed = {kind: sealed_fields(kind) for kind in classes if sealed_fields(kind)}
    assert set(sealed) == {Customer, Interaction, Ticket, TicketStep}
    for kind, fields in sealed.items():
        for name, field in fields.items():
            wanted = {f"{name}_sealed", f"{name}_masked"}
            wanted |= {f"{name}_digest"} if field.digest else set()
            wanted |= {f"{name}_buckets"} if field.indexed else set()
            there = {column.name for column in kind.__table__.c if column.name.startswith(f"{name}_")}
            assert there == wanted, (kind, name)


def test_events_are_taken_once_and_in_their_order(customer, staff, actor, morning):
    customer.created(actor, morning)
    customer.transfer(staff(), "分配", actor, morning)
    assert [event.kind for event in take_events(customer)] == [EventKind.CREATED, EventKind.TRANSFERRED]
    assert take_events(customer) == []


def test_events_of_one_row_are_not_those_of_another(customer, actor, morning):
    other = Customer(id=new_id(), version=1)
    customer.created(actor, morning)
    assert take_events(other) == []
    assert len(take_events(customer)) == 1
