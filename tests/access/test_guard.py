"""Forgetting fails closed: what nobody decided stops the boot, and a role that nobody decided is a type error."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, extend_schema, parse
from mypy import api

from auth.access import Granted, Sight, Varying, Within, anyone, cell, named, present, same
from auth.door.scope_columns import scope_columns
from auth.masks import MASKS, resident_id_1_2, resident_id_6_4, telephone
from auth.policy import PAGE
from auth.viewer import Grant, ViewerKind
from domain.base import Base
from domain.business_setting import SETTINGS, SettingName
from domain.customer import Customer
from domain.interaction import Interaction
from domain.sealed import sealed_fields
from domain.staff import Role
from domain.tag import Tag
from domain.ticket import Ticket
from resolvers.nouns import NOUNS
from resolvers.reading.noun import Filter
from schema import guard
from schema.binding import BOUND
from schema.build import build
from schema.guard import PageGap, check

CHECKOUT = Path(__file__).resolve().parents[2]
CLEAR, MASKED, HIDDEN = Sight.CLEAR, Sight.MASKED, Sight.HIDDEN


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build()._schema


class Page:
    """Changes the page for one test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def decide(self, model: type[Base], field: str, line: Any) -> None:
        self._put(model, fields={**PAGE[model].fields, field: line})

    def for_role(self, model: type[Base], field: str, role: Role, seen: Any) -> None:
        self.decide(model, field, {**PAGE[model].fields[field], role: seen})

    def forget(self, model: type[Base], field: str) -> None:
        self._put(model, fields=without(PAGE[model].fields, field))

    def acts(self, model: type[Base], acts: Mapping[str, Any]) -> None:
        self._put(model, acts=acts)

    def _put(self, model: type[Base], **changed: Any) -> None:
        self.monkeypatch.setitem(PAGE, model, replace(PAGE[model], **changed))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(monkeypatch)


def without(lines: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: line for key, line in lines.items() if key != name}


def stops(*words: str) -> None:
    """The boot stops, and says where."""
    with pytest.raises(PageGap) as gap:
        build()
    for word in words:
        assert word in str(gap.value)


def test_the_house_as_it_stands_boots():
    build()


@pytest.mark.parametrize(("model", "field", "label"), [(Customer, "region", "region"), (Ticket, "due_at", "dueAt")])
def test_a_field_of_the_sdl_that_nobody_decided_stops_the_boot(page: Page, model: type[Base], field: str, label: str):
    page.forget(model, field)
    stops(model.__name__, label)


def test_a_new_field_of_the_sdl_needs_a_line_on_the_page(schema: GraphQLSchema):
    with pytest.raises(PageGap, match=r"Customer: .*shoeSize"):
        check(extend_schema(schema, parse("extend type Customer { shoeSize: Int }")))


def test_a_line_of_the_page_without_a_field_stops_the_boot(page: Page):
    page.decide(Customer, "shoe_size", cell(CLEAR, CLEAR, CLEAR, HIDDEN, HIDDEN, HIDDEN))
    stops("Customer", "shoeSize")


def test_an_act_that_viewer_can_does_not_show_stops_the_boot(page: Page):
    page.acts(Ticket, {**PAGE[Ticket].acts, "shred_it": PAGE[Ticket].acts["close"]})
    stops("Ticket.viewerCan", "shredIt")


def test_an_act_shown_that_nobody_decided_stops_the_boot(page: Page):
    page.acts(Ticket, without(PAGE[Ticket].acts, "follow_up"))
    stops("Ticket.viewerCan", "followUp")


@pytest.mark.parametrize("role", [Role.REP, Role.SUPPORT, Role.MANAGER, Role.PARTNER])
@pytest.mark.parametrize("sight", [HIDDEN, Granted(Grant.PROFILE, CLEAR)])
def test_a_promise_that_the_page_breaks_for_one_role_stops_the_boot(page: Page, role: Role, sight: Any):
    page.for_role(Ticket, "number", role, sight)
    stops("Ticket.number is non-null", role.value)


def test_a_promise_that_one_grant_alone_breaks_names_the_grants(page: Page):
    """Who reaches interactions need not see names."""
    page.for_role(Interaction, "channel", Role.PARTNER, Granted(Grant.NAMES, CLEAR))
    stops("Interaction.channel is non-null", "PARTNER", "interactions")


def test_what_is_hidden_from_roles_without_rows_breaks_no_promise(page: Page):
    page.for_role(Ticket, "number", Role.ADMIN, HIDDEN)
    build()


def test_a_masked_field_must_be_a_personal_text(page: Page):
    page.for_role(Customer, "region", Role.REP, MASKED)
    stops("Customer.region", "PersonalText")


def test_a_sealed_field_must_be_a_personal_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        guard, "sealed_fields", lambda model: {**sealed_fields(model), "region": vars(Customer)["name"]}
    )
    stops("Customer.region is sealed")


def test_what_is_sealed_and_never_revealed_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    """An original that no act shows would be kept for nobody."""
    for name, words in {"note": "never revealed", "text": "no act reveals it"}.items():
        kept = {name: vars(Customer)["name"]}
        monkeypatch.setattr(
            guard, "sealed_fields", lambda model, kept=kept: kept if model is Tag else sealed_fields(model)
        )
        stops("Tag", name, words)


def test_only_free_texts_vary_from_row_to_row(page: Page):
    page.for_role(Customer, "mobile", Role.REP, Varying(clear_when=anyone))
    stops("Customer.mobile varies")


def test_an_exemption_that_is_no_longer_needed_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guard, "UNDECIDED", guard.UNDECIDED | {"Ghost"})
    stops("Ghost")


def test_an_unbound_type_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(BOUND, "Tag")
    stops("Tag")


@pytest.mark.parametrize("name", ["Secret", "SecretEdge", "SecretConnection"])
def test_a_type_that_nobody_decided_stops_the_boot_whatever_its_name(schema: GraphQLSchema, name: str):
    with pytest.raises(PageGap, match=f"Nobody decided type {name}"):
        check(extend_schema(schema, parse(f"type {name} {{ mobile: String }} extend type Query {{ x: {name} }}")))


def test_a_text_of_an_input_that_nobody_treats_stops_the_boot(schema: GraphQLSchema):
    more = extend_schema(schema, parse("extend input LogInteractionInput { nickname: [String!] }"))
    with pytest.raises(PageGap, match="nickname"):
        check(more)


def test_a_treatment_that_no_input_needs_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guard, "TEXT_INPUTS", {**guard.TEXT_INPUTS, "nickname": guard.TEXT_INPUTS["note"]})
    stops("nickname")


def test_a_setting_that_nobody_bounded_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(SETTINGS, SettingName.CLOSED_TICKET_DAYS)
    stops("CLOSED_TICKET_DAYS")


def test_a_type_that_is_bound_but_on_no_page_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    # Not taken out of the page itself: put back, it would stand at another place of the printed matrix.
    monkeypatch.setattr(guard, "PAGE", {model: page for model, page in PAGE.items() if model is not Tag})
    stops("The page's types and the bound ones differ")


@pytest.mark.parametrize("fields", [(), ("shoe_size",), ("region", "shoe_size")])
def test_a_filter_that_stands_on_nothing_decided_stops_the_boot(
    monkeypatch: pytest.MonkeyPatch, fields: tuple[str, ...]
):
    monkeypatch.setitem(NOUNS["Customer"].filters, "shoe_size", Filter(fields, lambda row, given: True))
    stops("Customer", "filter shoe_size")


def test_an_order_that_stands_on_nothing_decided_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(NOUNS["Customer"].orders, "SHOES ASC", (("name_masked", False), ("id", False)))
    stops("Customer", "order SHOES ASC")


def using(monkeypatch: pytest.MonkeyPatch, **masks: Any) -> None:
    monkeypatch.setattr(guard, "MASKS", {**MASKS, **masks})


def test_identity_numbers_that_can_be_rebuilt_beside_a_birth_year_stop_the_boot(monkeypatch: pytest.MonkeyPatch):
    """R38: 6+4 digits and the year leave 32 candidates."""
    using(monkeypatch, id_number=resident_id_6_4)
    stops("REP", "ID_6_4", "BIRTH_YEAR")


def test_a_role_that_does_not_see_the_birth_date_may_see_more_of_the_number(
    monkeypatch: pytest.MonkeyPatch, page: Page
):
    using(monkeypatch, id_number=resident_id_6_4)
    page.decide(Customer, "birth_date", cell(HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN))
    build()


def test_two_grants_that_together_rebuild_a_number_stop_the_boot(monkeypatch: pytest.MonkeyPatch, page: Page):
    using(monkeypatch, id_number=resident_id_6_4)
    page.decide(Customer, "id_number", cell(HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, Granted(Grant.CONTACTS, MASKED)))
    page.for_role(Customer, "birth_date", Role.PARTNER, Granted(Grant.PROFILE, CLEAR))
    stops("PARTNER", "ID_6_4", "CLEAR")


def test_a_clear_birth_date_beside_one_and_two_digits_is_no_danger(monkeypatch: pytest.MonkeyPatch, page: Page):
    using(monkeypatch, id_number=resident_id_1_2)
    page.for_role(Customer, "birth_date", Role.MANAGER, CLEAR)
    build()


def test_a_mask_of_identity_numbers_that_nobody_measured_stops_the_boot(monkeypatch: pytest.MonkeyPatch):
    using(monkeypatch, id_number=telephone)
    stops("nobody measured")


SNIPPET = """
from auth.access import Sight, act, anyone, by_role, cell, nobody, rows
C = Sight.CLEAR
whole = cell(C, C, C, C, C, C), rows(anyone, anyone, anyone, anyone, anyone, nobody), act(*[nobody] * 6)
cell(C, C, C, C, C)  # missing
cell(rep=C, support=C, privacy_officer=C, admin=C, partner=C)  # missing
rows(anyone, anyone, anyone, nobody, nobody)  # missing
act(anyone, anyone, anyone, nobody, nobody)  # missing
by_role(1, 1, 1, 1, 1)  # missing
"""


def test_a_role_that_nobody_decided_is_a_type_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The page's own words are checked, with what they import taken on trust: seconds, not half a minute."""
    written = tmp_path / "page.py"
    written.write_text(SNIPPET)
    monkeypatch.chdir(CHECKOUT)
    options = ["--follow-imports=skip", "--no-incremental", "--config-file=", "--explicit-package-bases"]
    report, crash, _ = api.run([*options, "auth/access.py", str(written)])
    lines = {int(found[1]) for found in re.finditer(r"page\.py:(\d+): error: Missing positional argument", report)}
    assert not crash
    assert lines == {i for i, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# missing")}
    assert re.findall(r"page\.py:\d+: error", report) == [f"page.py:{line}: error" for line in sorted(lines)]


# -- What moves rows --------------------------------------------------------------------------------------------------


@pytest.fixture
def rows_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives a role another row rule, for one test."""

    def decide(model: type[Base], rule: Any, role: Role = Role.SUPPORT) -> None:
        monkeypatch.setitem(PAGE, model, replace(PAGE[model], rows={**PAGE[model].rows, role: rule}, added=None))
        scope_columns.cache_clear()

    yield decide
    scope_columns.cache_clear()


def test_a_rule_that_is_no_sql_does_not_boot(schema: GraphQLSchema, rows_of: Any):
    rows_of(Interaction, named("by chance", lambda row, viewer: "perhaps"))
    with pytest.raises(PageGap, match="by chance"):
        check(schema)


@pytest.mark.parametrize("parent", ["interactions", "no such thing"])
def test_what_hangs_below_no_parent_by_one_column_does_not_boot(schema: GraphQLSchema, rows_of: Any, parent: str):
    rows_of(Customer, Within(parent))
    with pytest.raises(PageGap, match=parent):
        check(schema)


def test_a_column_that_is_handed_on_has_to_be_there(schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(PAGE, Ticket, replace(PAGE[Ticket], handed_on=frozenset({"assigned_to"})))
    scope_columns.cache_clear()
    with pytest.raises(PageGap, match="assigned_to"):
        check(schema)
    scope_columns.cache_clear()


def test_a_followed_type_whose_rule_names_no_event_does_not_boot(schema: GraphQLSchema, rows_of: Any):
    rows_of(Ticket, named("open ones", lambda row, viewer: present(row.closed_at)))
    with pytest.raises(PageGap, match="SCOPE_EVENTS"):
        check(schema)


def test_the_columns_of_a_new_rule_are_judged_without_being_named(rows_of: Any):
    rows_of(Ticket, named("urgent ones of hers", lambda row, viewer: same(row.assignee_id, viewer.id)
                          & (row.priority == "URGENT")))  # fmt: skip
    assert scope_columns(Ticket, ViewerKind(Role.SUPPORT, frozenset())) == {"priority"}  # the assignee is handed on
