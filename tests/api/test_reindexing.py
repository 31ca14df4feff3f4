"""`zhike keys reindex`: names that wait, names under an older key, names with dots of older forms; repeatable."""

from auth.sealing.seals import Sealer, place
from server.reindexing import reindex
from tests.api.house import Api

FIND = "query ($s: String) { customers(where: { search: $s }) { totalCount nodes { name { display } } } }"
BUCKETS = "SELECT id, name_buckets FROM customer ORDER BY id"


async def found(api: Api, text: str) -> list[str]:
    nodes = (await api.ask("manager", FIND, s=text))["data"]["customers"]["nodes"]
    return sorted(node["name"]["display"] for node in nodes)


async def test_names_that_wait_are_found_before_and_after(api: Api) -> None:
    indexed = api.rows(BUCKETS)
    api.change("UPDATE customer SET name_buckets = NULL")
    assert await found(api, "阳娜") == ["欧阳娜娜"]
    heard: list[int] = []
    assert reindex(api.url, api.ring, heard.append) == len(indexed) == heard[-1]
    assert api.rows(BUCKETS) == indexed
    assert await found(api, "阳娜") == ["欧阳娜娜"]
    assert reindex(api.url, api.ring, heard.append) == 0


async def test_names_come_under_the_current_key(api: Api) -> None:
    before, rotated = api.rows(BUCKETS), api.ring.rotated()
    assert reindex(api.url, rotated, lambda _: None) > 0
    assert api.rows(BUCKETS) != before
    assert reindex(api.url, rotated, lambda _: None) == 0


async def test_a_name_with_a_dot_of_an_older_form_is_brought_to_the_one_dot(api: Api) -> None:
    id_ = api.house.customers["own"].id
    ((wrapped, version),) = api.rows(
        "SELECT wrapped, version FROM data_key JOIN customer USING (id) WHERE id = %s", id_
    )
    sealer = Sealer(api.ring.unwrap(wrapped, id_), api.ring.crypto)
    old = sealer.seal("艾力⋅买买提", place("customer", id_, "name"))
    api.change("UPDATE customer SET name_sealed = %s, name_buckets = NULL WHERE id = %s", old, id_)
    assert await found(api, "艾力•买") == ["艾力⋅买买提"]
    assert reindex(api.url, api.ring, lambda _: None) == 1
    assert await found(api, "艾力•买") == ["艾力·买买提"]
    assert api.rows("SELECT version, name_masked FROM customer WHERE id = %s", id_) == [(version, "艾*·买**")]


async def test_the_names_of_deleted_persons_wait_for_nothing(api: Api) -> None:
    id_ = api.house.customers["own"].id
    api.change("DELETE FROM data_key WHERE id = %s", id_)
    api.change("UPDATE customer SET name_buckets = NULL")
    reindex(api.url, api.ring, lambda _: None)
    assert api.rows("SELECT name_buckets FROM customer WHERE id = %s", id_) == [([],)]
    assert await found(api, "欧阳") == []
