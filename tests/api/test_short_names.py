"""Customers with nothing but a very short name: some are made in an hour, not many."""

import asyncio

import pytest

from auth import creation_limit
from tests.api.house import Api

NEW = {"kind": "PERSON", "basis": "CONTRACT"}


@pytest.fixture(autouse=True)
def three_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creation_limit, "MAX_SHORT_NAMES_PER_HOUR", 3)


async def test_beyond_some_near_empty_customers_an_hour_is_the_limit(api: Api) -> None:
    for name in ("王", "王伟", "Lee"):
        assert (await api("rep", "createCustomer", **NEW, name=name)).codes == []
    refused = await api("rep", "createCustomer", **NEW, name="李")
    assert refused.refusals == [("LIMIT_EXCEEDED", "name")]


async def test_others_and_customers_with_more_to_them_are_not_concerned(api: Api) -> None:
    for name in ("王", "王伟", "李", "李"):
        await api("rep", "createCustomer", **NEW, name=name)
    assert (await api("other_rep", "createCustomer", **NEW, name="王")).codes == []
    assert (await api("rep", "createCustomer", **NEW, name="王小明")).codes == []
    assert (await api("rep", "createCustomer", **NEW, name="李", mobile="13912345670")).codes == []
    assert (await api("rep", "createCustomer", **NEW, name="李", externalId="K-1")).codes == []
    assert (await api("rep", "createCustomer", **NEW, name="李")).codes == ["LIMIT_EXCEEDED"]


async def test_acts_at_once_count_each_other(api: Api) -> None:
    answers = await asyncio.gather(*(api("rep", "createCustomer", **NEW, name="王") for _ in range(8)))
    assert sorted(len(answer.codes) for answer in answers) == [0, 0, 0, 1, 1, 1, 1, 1]


async def test_after_an_hour_there_is_room_again(api: Api) -> None:
    for _ in range(3):
        await api("rep", "createCustomer", **NEW, name="王")
    later = creation_limit.HOUR * 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(creation_limit, "HOUR", later)
        assert (await api("rep", "createCustomer", **NEW, name="王")).codes == []
