"""What nobody may see alone is not offered: children under 14, resident ID numbers wherever they stand."""

from datetime import date
from itertools import product
from typing import Any

import psycopg
import pytest

from domain.customer import CustomerKind
from domain.personal.dates import today
from tests.api.house import Api, a_customer, a_step, a_talk, a_ticket

REVEAL, WHY = "revealPersonalData", {"purpose": "SERVICE", "reason": "核对"}
CARD, CREDIT_CODE, SOLE_TRADER = "11010519491231002X", "91110000600037341L", "92110108MA01YBNX6Y"
CHILDS_CARD = "110105202005010012"
TEXTS = "mobile { revealable } idNumber { revealable } address { revealable } birthDate { revealable }"
READ = f"query($id: ID!) {{ customer(id: $id) {{ version {TEXTS} viewerCan {{ reveal }} }} }}"
FIELDS = {"mobile": "MOBILE", "idNumber": "ID_NUMBER", "address": "ADDRESS", "birthDate": "BIRTH_DATE"}


def years_ago(years: int, days: int = 0) -> str:
    day = today()
    return date.fromordinal(date(day.year - years, day.month, min(day.day, 28)).toordinal() + days).isoformat()


async def offered(api: Api, id_: str, caller: str = "rep") -> tuple[set[str], bool]:
    """The fields that are revealable, and whether the act is."""
    told = (await api.ask(caller, READ, id=id_))["data"]["customer"]
    return {name for name in FIELDS if told[name]["revealable"]}, told["viewerCan"]["reveal"]


async def revealed(api: Api, id_: str, caller: str = "rep") -> set[str]:
    """The fields whose values are really shown."""
    found = set()
    for name, field in FIELDS.items():
        answer = await api(caller, REVEAL, "values { value }", id=id_, fields=[field], **WHY)
        assert answer.codes in ([], ["APPROVAL_REQUIRED"])
        if answer.codes == [] and answer.payload["values"][0]["value"]:
            found.add(name)
    return found


KNOWN = {"mobile": "13911110001", "address": "北京市海淀区马连洼街道289号"}
PEOPLE: dict[str, tuple[dict[str, str], CustomerKind, set[str]]] = {
    "adult": (KNOWN | {"birth_date": "1990-01-01"}, CustomerKind.PERSON, {"mobile", "address", "birthDate"}),
    "adult with a card": (KNOWN | {"id_number": CARD}, CustomerKind.PERSON, {"mobile", "address"}),
    "child by birth date": (KNOWN | {"birth_date": years_ago(14, days=1)}, CustomerKind.PERSON, set()),
    "14 today": (KNOWN | {"birth_date": years_ago(14)}, CustomerKind.PERSON, {"mobile", "address", "birthDate"}),
    "child by card": (KNOWN | {"id_number": CHILDS_CARD}, CustomerKind.PERSON, set()),
    "child by card, whatever the date": (
        KNOWN | {"birth_date": "1990-01-01", "id_number": CHILDS_CARD}, CustomerKind.PERSON, set(),
    ),
    "firm": (KNOWN | {"id_number": CREDIT_CODE}, CustomerKind.ORGANIZATION, {"mobile", "address", "idNumber"}),
    "sole trader": (KNOWN | {"id_number": SOLE_TRADER}, CustomerKind.ORGANIZATION, {"mobile", "address", "idNumber"}),
    "firm with a person's card": (KNOWN | {"id_number": CARD}, CustomerKind.ORGANIZATION, {"mobile", "address"}),
    "card in the address": (
        KNOWN | {"address": f"北京市海淀区1号 {CARD}"}, CustomerKind.PERSON, {"mobile"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("caller", ["rep", "manager"])
@pytest.mark.parametrize("who", PEOPLE)
async def test_what_is_offered_is_what_is_shown(api: Api, who: str, caller: str):
    known, kind, shown = PEOPLE[who]
    row = a_customer(api.house.staff["rep"], {"name": "北京某某科技有限公司", **known}, kind=kind)
    await api.write(row)
    id_ = api.house.id_of(row)
    assert await offered(api, id_, caller) == (shown, bool(shown))
    assert await revealed(api, id_, caller) == shown


async def test_it_follows_what_is_written(api: Api):
    row = a_customer(api.house.staff["rep"], {"name": "小明", **KNOWN})
    await api.write(row)
    id_ = api.house.id_of(row)
    edits: list[tuple[dict[str, Any], set[str], list[str]]] = [
        ({"idNumber": CARD}, {"mobile", "address"}, []),
        ({"idNumber": None, "address": f"北京市海淀区1号 {CARD}"}, {"mobile"}, []),
        ({"address": "北京市海淀区2号"}, {"mobile", "address"}, []),
        ({"birthDate": years_ago(10)}, set(), []),
        ({"birthDate": "1990-01-01"}, set(), ["APPROVAL_REQUIRED"]),
        ({"mobile": "13911110002"}, set(), []),
    ]
    version = 1
    for edit, shown, codes in edits:
        assert (await api("rep", "editCustomer", customerId=id_, expectedVersion=version, **edit)).codes == codes
        version += not codes
        assert await offered(api, id_) == (shown, bool(shown)), edit


async def test_who_has_turned_14_since_is_shown_when_asked_and_offered_from_then_on(api: Api):
    row = a_customer(api.house.staff["rep"], {"name": "小明", **KNOWN, "birth_date": years_ago(14)})
    await api.write(row)
    id_ = api.house.id_of(row)
    with psycopg.connect(api.url) as connection:
        connection.execute("UPDATE customer SET under_14 = true WHERE id = %s", [row.id])
    assert await offered(api, id_) == (set(), False)
    assert await revealed(api, id_) == {"mobile", "address", "birthDate"}
    assert await offered(api, id_) == ({"mobile", "address", "birthDate"}, True)


SAID = {
    "plain": "问了价格",
    "telephone": "请回电 13812345678",
    "card": f"证件 {CARD}",
    "old card": "证件 110105491231002",
}


@pytest.mark.parametrize("caller", ["rep", "manager"])
@pytest.mark.parametrize("child", [False, True])
async def test_free_texts_with_a_card_number_and_all_of_a_child_are_closed(api: Api, caller: str, child: bool):
    born = {"birth_date": years_ago(10)} if child else {}
    customer = a_customer(api.house.staff["rep"], {"name": "小明", **born})
    makers = {
        "Interaction": ("summary", lambda said: a_talk(customer, said)),
        "Ticket": ("description", lambda said: a_ticket(customer, None, description=said)),
        "TicketStep": ("text", lambda said: a_step(a_ticket(customer, None), said)),
    }
    rows = {(type_, said): makers[type_][1](SAID[said]) for type_, said in product(makers, SAID)}
    await api.write(customer, *rows.values())
    for (type_, said), row in rows.items():
        text, id_ = makers[type_][0], api.house.id_of(row)
        read = f"... on {type_} {{ {text} {{ revealable }} viewerCan {{ reveal }} }}"
        query = f"query($id: ID!) {{ node(id: $id) {{ {read} }} }}"
        told = (await api.ask(caller, query, id=id_))["data"]["node"]
        shown = said == "telephone" and not child
        assert told == {text: {"revealable": shown}, "viewerCan": {"reveal": shown}}, (type_, said)
        answer = await api(caller, REVEAL, "values { value }", id=id_, fields=[text.upper()], **WHY)
        expected = [] if shown else ["WRONG_STATE"] if said == "plain" else ["APPROVAL_REQUIRED"]
        assert answer.codes == expected, (type_, said)


async def test_the_flags_are_no_part_of_the_api(api: Api):
    for name in ("under14", "approvalFields", "contactsChangedAt"):
        reply = await api.ask("manager", f"{{ customers {{ nodes {{ {name} }} }} }}")
        assert reply["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_the_legal_basis_of_a_customer_is_read_by_staff(api: Api):
    query = "query($id: ID!) { customer(id: $id) { basis } }"
    for caller, told in (("rep", "CONTRACT"), ("manager", "CONTRACT"), ("partner", None)):
        reply = await api.ask(caller, query, id=api.house.customer("own"))
        assert reply["data"]["customer"] == {"basis": told}
