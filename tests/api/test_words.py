"""Words of business through the API: one form however they are written, found by every spelling, counted once."""

from typing import Any

from domain.partner import PartnerListing
from tests.api.house import YESTERDAY, Api

NEW = {"kind": "PERSON", "basis": "CONTRACT"}
FIND = "query ($w: CustomerFilter) { customers(where: $w) { totalCount nodes { name { display } } } }"
COUNT = "{ customerCounts(by: REGION) { key count } }"
SPELLINGS = [
    ("华东", "ＶＩＰ", "Retail"),
    ("华东区", " vip ", "ＲＥＴＡＩＬ"),
    (" 华东　", "Vip", "retail "),
    ("华东地区", "VIP", "Retail"),
]


async def made(api: Api) -> None:
    for n, (region, tag, industry) in enumerate(SPELLINGS):
        given = NEW | {"name": f"客户{n}", "region": region, "tags": [tag, "老客户"], "industry": industry}
        assert (await api("rep", "createCustomer", **given)).codes == []


async def found(api: Api, **where: Any) -> int:
    answer = await api.ask("rep", FIND, w=where)
    total: int = answer["data"]["customers"]["totalCount"]
    return total


async def test_every_spelling_of_a_word_finds_all_customers_who_bear_it(api: Api) -> None:
    await made(api)
    for region in ("华东", "华东区", "华东地区", "华东大区", " 华东 "):
        assert await found(api, region=[region]) == 4, region
    for tag in ("VIP", "ＶＩＰ", "vip", " Vip\t"):
        assert await found(api, tag=[tag]) == 4, tag
    for industry in ("retail", "ＲＥＴＡＩＬ", " Retail"):
        assert await found(api, industry=[industry]) == 4, industry
    assert await found(api, tag=["v ip"]) == await found(api, region=["华"]) == await found(api, tag=[""]) == 0


async def test_a_tag_is_one_row_spelled_as_it_was_first_written(api: Api) -> None:
    await made(api)
    assert sorted(name for (name,) in api.rows("SELECT name FROM tag")) == ["VIP", "老客户"]


async def test_a_customer_is_given_a_tag_once(api: Api) -> None:
    answer = await api(
        "rep", "createCustomer", "customer { tags { name } }", **NEW, name="王芳", tags=["ＶＩＰ", "vip"]
    )
    assert answer.payload == {"customer": {"tags": [{"name": "VIP"}]}, "userErrors": []}


async def test_spellings_of_a_region_are_counted_as_one(api: Api) -> None:
    await made(api)
    await api("rep", "createCustomer", **NEW, name="甲", region="East")
    await api("rep", "createCustomer", **NEW, name="乙", region="ＥＡＳＴ")
    counted = (await api.ask("rep", COUNT))["data"]["customerCounts"]
    assert counted == [{"key": "EAST", "count": 2}, {"key": "华东", "count": 4}, {"key": None, "count": 1}]
    assert await found(api, region=["east"]) == 2


async def test_another_spelling_of_what_stands_there_is_no_edit(api: Api) -> None:
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1}
    await api("rep", "editCustomer", **given, region="华东", industry="Retail", tags=["VIP"])
    again = given | {"expectedVersion": 2, "region": "华东区", "industry": "Ｒetail", "tags": ["vip"]}
    answer = await api("rep", "editCustomer", "customer { version }", **again)
    assert answer.payload == {"customer": {"version": 2}, "userErrors": []}


async def test_a_partner_is_told_how_many_in_every_way_alike(api: Api) -> None:
    """Counts of rows that a viewer may list hide nothing: the list has them one by one."""
    await made(api)
    partner = api.house.viewers["partner"].id
    for (id_,) in api.rows("SELECT id FROM customer WHERE region = '华东'"):
        await api.write(PartnerListing(partner_id=partner, customer_id=id_, consented_at=YESTERDAY))
    counted = (await api.ask("partner", COUNT))["data"]["customerCounts"]
    assert counted == [{"key": "华东", "count": 4}, {"key": None, "count": 2}]
    listed = (await api.ask("partner", FIND, w={"region": ["华东"]}))["data"]["customers"]
    assert (listed["totalCount"], len(listed["nodes"])) == (4, 4)
