"""The oracle and the walks notice whatever breaks: each mutant must be caught by a small fixed set of operations."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from auth.access import Condition, one_of, present, same
from auth.policy import PAGE, unclosed
from auth.viewer import Viewer
from domain.interaction import Interaction
from domain.staff import Role, StaffMember
from domain.tag import Tag
from domain.ticket import Ticket
from domain.tier import Tier, TierCode
from tests.reading.comparing import Both
from tests.reading.data import World
from tests.reading.mutants import MUTANTS, Mutant, mutated
from tests.reading.operations import OPERATIONS
from tests.reading.reader import Reader
from tests.reading.test_walk import wrongs


def spoken_with(interaction: Any, viewer: Viewer) -> Condition:
    return same(interaction.staff_id, viewer.id)


def grouped(tag: Any, viewer: Viewer) -> Condition:
    return present(tag.group)


def employed(member: Any, viewer: Viewer) -> Condition:
    return member.active == True if hasattr(member.active, "is_") else member.active  # noqa: E712


def upper(tier: Any, viewer: Viewer) -> Condition:
    return one_of(tier.code, frozenset({TierCode.A, TierCode.B}))


NARROWER = {Ticket: unclosed, Interaction: spoken_with, Tag: grouped, StaffMember: employed, Tier: upper}
"""Rules for reps that no parent's rule implies: today's page has none such, another day's may."""


@pytest.fixture
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, reader: Reader) -> Iterator[str]:
    """The page as it is, or one that gives reps less of what hangs below their customers."""
    if request.param == "narrower":
        for model, rule in NARROWER.items():
            monkeypatch.setitem(PAGE, model, replace(PAGE[model], rows={**PAGE[model].rows, Role.REP: rule}))
    reader.renew()
    yield request.param
    monkeypatch.undo()
    reader.renew()


async def caught(both: Both, world: World) -> str | None:
    """The first thing that anybody notices."""
    for name, operation in OPERATIONS(world, both).items():
        for variables in operation.variables:
            for viewer in operation.viewers:
                try:
                    found = await both.differences(viewer, operation.text, variables)
                except Exception as surprise:  # noqa: BLE001 - a mutant may break in any way
                    return f"{name}: {type(surprise).__name__}"
                if found:
                    return f"{name}, {viewer}: {found[0][:300]}"
    wrong = await wrongs(both.reader, world, "manager", (2,))
    return wrong[0] if wrong else None


@pytest.mark.parametrize("page", ["as it is", "narrower"], indirect=True)
async def test_nothing_is_caught_where_nothing_is_broken(both: Both, world: World, page: str) -> None:
    assert await caught(both, world) is None


@pytest.mark.parametrize("page", ["narrower"], indirect=True)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.broken)
async def test_a_mutant_is_caught(
    both: Both, world: World, reader: Reader, page: str, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(mutant.made or mutant.function, "__code__", mutated(mutant))
        reader.renew()
        noticed = await caught(both, world)
    assert noticed, f"survived: {mutant.broken}"
