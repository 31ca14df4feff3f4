"""A dump and an account that creates customers: what the index of names tells of customers whom others made."""

from collections import defaultdict

import pytest

from auth import creation_limit
from auth.sealing.names import SHARED_BUCKETS
from tests.api.house import Api

NEW = {"kind": "PERSON", "basis": "CONTRACT"}
BUCKETS = """SELECT name_buckets FROM customer WHERE id = %s"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever attacks waits as long as the limit of near-empty customers asks."""
    monkeypatch.setattr(creation_limit, "MAX_SHORT_NAMES_PER_HOUR", 10_000)


async def buckets_of(api: Api, name: str) -> tuple[int, ...]:
    """What the dump holds of a customer that the attacker made."""
    answer = await api("rep", "createCustomer", "customer { id }", **NEW, name=name)
    assert answer.payload
    id_ = answer.payload["customer"]["id"].removeprefix("cus_")
    ((found,),) = api.rows(BUCKETS, id_)
    return tuple(found)


async def test_customers_named_by_one_character_tell_nothing(api: Api) -> None:
    """Before, each character of every name in the dump could be read from these."""
    known = {character: await buckets_of(api, character) for character in "欧阳娜王小明李雷伟芳静敏"}
    assert set(known.values()) == {()}


async def test_customers_named_by_one_pair_leave_many_names_possible(api: Api) -> None:
    pairs = defaultdict(set)
    for place in range(256):
        character = chr(0x5C0F + place)  # 小 and what stands behind it in Unicode
        for bucket in await buckets_of(api, f"王{character}"):
            pairs[bucket].add(character)
    ((stolen,),) = api.rows(BUCKETS, api.house.customers["served"].id)  # 王小明
    possible = set().union(*(pairs[bucket] for bucket in stolen))
    assert "小" in possible
    assert len(possible) > 2 * len(stolen)


async def test_nothing_in_the_dump_is_a_digest_of_a_piece_of_a_name(api: Api) -> None:
    """Columns of customers hold no further array or digest that two customers of like names share."""
    arrays = api.rows(
        """SELECT column_name FROM information_schema.columns WHERE table_name = 'customer' AND data_type = 'ARRAY'
        ORDER BY 1"""
    )
    assert arrays == [("approval_fields",), ("name_buckets",)]
    numbers = api.rows("SELECT DISTINCT unnest(name_buckets) FROM customer WHERE kind = 'PERSON'")
    assert all(0 <= number < SHARED_BUCKETS for (number,) in numbers)
