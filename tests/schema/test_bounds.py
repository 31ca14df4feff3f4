"""Every text and list that the SDL takes has a maximum, said in its description; forgetting one stops the boot."""

from typing import Any

import pytest
from graphql import GraphQLList, GraphQLNonNull, get_named_type

from schema import bounds
from schema.bounds import CREDENTIALS, Unbounded, bound_of, positions
from schema.build import build

SCHEMA = build()._schema
POSITIONS = list(positions(SCHEMA))


def is_list(type_: Any) -> bool:
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


@pytest.mark.parametrize(("owner", "name", "position"), POSITIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_every_text_and_list_has_a_maximum_and_says_it(owner: str, name: str, position: Any):
    text = get_named_type(position.type).name == "String"
    if not text and not is_list(position.type):
        return
    bound = bound_of(position)
    assert bound is not None or name in CREDENTIALS
    if is_list(position.type):
        assert bound is not None
        assert 1 <= (bound.items or 0) <= 100
        assert f"至多 {bound.items} 项" in position.description
        assert f"At most {bound.items} items" in position.description
    if text:
        assert bound is None or bound.characters or name in CREDENTIALS
        assert "个字符" in position.description
        assert "characters" in position.description


TEXTS = sorted(name for name in bounds.TEXTS if "." not in name)
ITEMS = sorted(bounds.ITEMS)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_without_a_maximum_stops_the_boot(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(bounds, "TEXTS", {key: most for key, most in bounds.TEXTS.items() if key != name})
    with pytest.raises(Unbounded, match=rf"\.{name} has no maximum: give it one in TEXTS"):
        bounds.set_bounds(SCHEMA)


@pytest.mark.parametrize("name", ITEMS)
def test_a_list_without_a_maximum_stops_the_boot(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(bounds, "ITEMS", {key: most for key, most in bounds.ITEMS.items() if key != name})
    with pytest.raises(Unbounded, match=rf"\.{name} has no maximum: give it one in ITEMS"):
        bounds.set_bounds(SCHEMA)


@pytest.mark.parametrize("table", ["TEXTS", "ITEMS"])
def test_a_maximum_for_nothing_stops_the_boot(monkeypatch: pytest.MonkeyPatch, table: str):
    monkeypatch.setattr(bounds, table, {**getattr(bounds, table), "shoeSize": 3})
    with pytest.raises(Unbounded, match="shoeSize"):
        bounds.set_bounds(SCHEMA)
