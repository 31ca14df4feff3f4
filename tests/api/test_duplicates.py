"""Contacts that somebody else has: told in the own scope, and beyond it like a value that nobody has."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from auth import allowance, idempotency
from auth.allowance import Allowance
from domain.contact_change import ContactChange
from domain.identity import new_id
from tests.api.house import CALLERS, KNOWN, Api, a_customer, document, written_and_open
from tests.api.test_refused_acts import tried

NEW = {"kind": "PERSON", "basis": "CONTRACT", "name": "韩梅梅"}
SHARED = "fields foundAt customer { id owner { id } } other { id owner { id } }"
PAIRS = f"{{ duplicateContacts {{ totalCount nodes {{ {SHARED} }} }} }}"
LOG = "SELECT viewer_id, subject_kind, subject_id, customer_id, field, purpose, reason FROM access_log"
FREE = Allowance(contact_changes=100_000, changes_of_customer=100_000)

STRANGE = {
    "mobile": "13900139003",
    "other_mobile": "010-62345678",
    "email": "lei@example.com",
    "wechat_id": "wxid_lilei1",
    "id_number": "440301199001010012",
}
"""What another rep's customer has."""


@pytest.fixture
async def strange(api: Api) -> str:
    made = a_customer(api.house.staff["other_rep"], {"name": "李雷二", **STRANGE}, external_id="K-1")
    await api.write(made)
    return api.house.id_of(made)


async def pairs(api: Api, caller: str = "manager") -> list[tuple[Any, ...]]:
    found = (await api.ask(caller, PAIRS))["data"]["duplicateContacts"]
    assert found["totalCount"] == len(found["nodes"])
    return [(pair["customer"]["id"], pair["other"]["id"], pair["fields"]) for pair in found["nodes"]]


# -- Beyond the scope -------------------------------------------------------------------------------------------------

BEYOND = [
    ({"mobile": "+86 139-0013-9003"}, "MOBILE"),
    ({"otherMobile": "13900139003"}, "MOBILE"),
    ({"mobile": "(010) 6234 5678"}, "MOBILE"),
    ({"email": "Lei@Example.COM"}, "EMAIL"),
    ({"wechatId": "wxid_lilei1"}, "WECHAT_ID"),
    ({"idNumber": "440301 19900101 0012"}, "ID_NUMBER"),
]


@pytest.mark.parametrize(("contact", "field"), [*BEYOND, ({"externalId": "Ｋ-1 "}, "EXTERNAL_ID")])
async def test_a_contact_of_somebody_elses_customer_is_taken_and_listed_for_managers(api: Api, strange, contact, field):
    both_have_it = field in {"MOBILE", "EMAIL"} and "6234" not in str(contact)
    strangers = [strange, *([api.house.customer("strange")] if both_have_it else [])]
    before = await pairs(api)
    answer = await api("rep", "createCustomer", "customer { id version }", **NEW, **contact)
    assert answer.refusals == []
    made = answer.payload["customer"]["id"]
    found = [pair for pair in await pairs(api) if pair not in before]
    assert sorted(found) == sorted((made, other, [field]) for other in strangers)
    (both, *_) = (await api.ask("manager", PAIRS))["data"]["duplicateContacts"]["nodes"]
    assert (both["customer"]["owner"], both["other"]["owner"]) == (
        {"id": api.house.member("rep")}, {"id": api.house.member("other_rep")},
    )  # fmt: skip


@pytest.mark.parametrize(("contact", "field"), BEYOND)
async def test_so_it_is_in_an_edit(api: Api, strange, contact, field):
    own = api.house.customer("own")
    answer = await api("rep", "editCustomer", "customer { version }", customerId=own, expectedVersion=1, **contact)
    assert answer.payload == {"customer": {"version": 2}, "userErrors": []}
    assert (own, strange, [field]) in await pairs(api)
    assert api.rows(LOG) == []


async def test_a_pair_names_all_that_the_two_share_and_goes_when_they_no_longer_do(api: Api, strange):
    contacts = {"mobile": STRANGE["other_mobile"], "wechatId": STRANGE["wechat_id"], "idNumber": STRANGE["id_number"]}
    made = (await api("rep", "createCustomer", "customer { id }", **NEW, **contacts)).payload["customer"]["id"]
    assert (made, strange, ["MOBILE", "WECHAT_ID", "ID_NUMBER"]) in await pairs(api)
    edit = {"customerId": made, "expectedVersion": 1, "mobile": None, "wechatId": "other_one", "idNumber": None}
    assert (await api("rep", "editCustomer", **edit)).refusals == []
    assert not any(made in pair[:2] for pair in await pairs(api))


@pytest.mark.parametrize("caller", [caller for caller in CALLERS if caller != "manager"])
async def test_nobody_but_a_manager_reads_of_pairs(api: Api, strange, caller):
    await api("rep", "createCustomer", **NEW, mobile=STRANGE["mobile"])
    read = "{ duplicateContacts { totalCount nodes { fields customer { id } } edges { node { foundAt } } } }"
    assert (await api.ask(caller, read))["data"]["duplicateContacts"] == {"totalCount": 0, "nodes": [], "edges": []}


async def test_pairs_are_read_page_by_page_newest_first_in_both_directions(api: Api):
    twins = [a_customer(None, {"name": "王五", "mobile": "13911112222"}) for _ in range(4)]
    await api.write(*twins)
    ids = {api.house.id_of(row) for row in twins}
    read = "query($a: String, $f: Int, $l: Int, $b: String)"
    read += " { duplicateContacts(first: $f, after: $a, last: $l, before: $b)"
    read += f" {{ nodes {{ {SHARED} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    seen, after = [], None
    while True:
        page = (await api.ask("manager", read, f=4, a=after))["data"]["duplicateContacts"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    mine = [(pair["customer"]["id"], pair["other"]["id"]) for pair in seen if pair["customer"]["id"] in ids]
    assert len(mine) == len(set(mine)) == 6
    assert [pair["foundAt"] for pair in seen] == sorted((pair["foundAt"] for pair in seen), reverse=True)
    back = (await api.ask("manager", read, l=100, b=after))["data"]["duplicateContacts"]["nodes"]
    assert back == seen[:-1]


# -- In the own scope -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["createCustomer", "editCustomer"])
@pytest.mark.parametrize(
    "contact",
    [
        {"mobile": "139 0013 9001"},
        {"otherMobile": "13900139001"},
        {"email": "NANA@example.com"},
        {"wechatId": "wxid_nana01"},
    ],
)
async def test_a_contact_of_an_own_customer_is_a_duplicate_and_a_look_at_them(api: Api, act, contact):
    given: dict[str, Any] = NEW
    if act == "editCustomer":
        scratch = a_customer(api.house.staff["rep"], {"name": "草稿"})
        await api.write(scratch)
        given = {"customerId": api.house.id_of(scratch), "expectedVersion": 1}
    before = api.written()
    answer = await api("rep", act, "customer { id }", **given, **contact)
    assert answer.refusals == [("DUPLICATE", *contact)]
    assert api.house.customer("own") not in str(answer.reply)
    assert "欧阳" not in str(answer.reply)
    own, rep = api.house.customers["own"].id, api.house.viewers["rep"].id
    # What is told is where the other customer has it, wherever it was typed.
    field = {"mobile": "MOBILE", "otherMobile": "MOBILE", "email": "EMAIL", "wechatId": "WECHAT_ID"}[
        next(iter(contact))
    ]
    assert api.rows(LOG) == [(rep, "cus", own, own, field, "DUPLICATE_CHECK", act)]
    assert api.audit() == [(act, "DUPLICATE")]
    assert {name: rows for name, rows in api.written().items() if name != "access_log"} == {
        name: rows for name, rows in before.items() if name != "access_log"
    }


async def test_a_manager_has_everybody_in_scope_and_an_agent_whom_the_team_serves(api: Api):
    served, strange = KNOWN["served"]["mobile"], KNOWN["strange"]["mobile"]
    for mobile in (served, strange):
        assert (await api("manager", "createCustomer", **NEW, mobile=mobile)).refusals == [("DUPLICATE", "mobile")]
    edit = {"customerId": api.house.customer("served"), "expectedVersion": 1}
    assert (await api("agent", "editCustomer", **edit, email=KNOWN["strange"]["email"])).refusals == []


async def test_a_customers_own_contact_is_no_duplicate(api: Api):
    given = {"customerId": api.house.customer("own"), "mobile": KNOWN["own"]["mobile"]}
    assert (await api("rep", "editCustomer", **given, expectedVersion=1)).refusals == []
    moved = {"customerId": api.house.customer("own"), "otherMobile": KNOWN["own"]["mobile"]}
    assert (await api("rep", "editCustomer", **moved, expectedVersion=2)).refusals == []
    assert api.rows(LOG) == []


@pytest.mark.parametrize("caller", ["rep", "manager"])
@pytest.mark.parametrize("kind", ["PERSON", "ORGANIZATION"])
async def test_an_identity_number_is_never_told_not_even_of_an_own_customer(api: Api, caller, kind):
    number = KNOWN["own"]["id_number"] if kind == "PERSON" else "91110000600037341L"
    if kind == "ORGANIZATION":
        firm = {"kind": kind, "basis": "CONTRACT", "name": "北京某某科技有限公司", "idNumber": number}
        assert (await api("rep", "createCustomer", **firm)).refusals == []
    for _ in range(2):
        assert (await api(caller, "createCustomer", **NEW | {"kind": kind}, idNumber=number)).refusals == []
    assert api.rows(LOG) == []
    assert ["ID_NUMBER"] in [fields for *_, fields in await pairs(api)]


@pytest.mark.parametrize("known", [{"birth_date": "2020-05-01"}, {"id_number": "110105202005010012"}])
async def test_what_revealing_refuses_of_a_child_no_duplicate_tells(api: Api, known):
    child = a_customer(api.house.staff["rep"], {"name": "小明", "mobile": "13911110001", **known})
    await api.write(child)
    for caller in ("rep", "manager"):
        assert (await api(caller, "createCustomer", **NEW, mobile="13911110001")).codes == (
            [] if caller == "rep" else ["DUPLICATE"]  # of the one that the rep has just made
        )
    assert child.id not in [row[2] for row in api.rows(LOG)]


async def test_all_contacts_that_are_known_are_told_at_once_and_each_person_is_logged(api: Api):
    twin = a_customer(api.house.staff["rep"], {"name": "李霞", "email": "xia@example.com"})
    await api.write(twin)
    answer = await api("rep", "createCustomer", **NEW, mobile=KNOWN["own"]["mobile"], email="xia@example.com")
    assert sorted(answer.refusals) == [("DUPLICATE", "email"), ("DUPLICATE", "mobile")]
    assert {row[2] for row in api.rows(LOG)} == {twin.id, api.house.customers["own"].id}


async def test_looks_by_duplicates_leave_the_allowance_for_clear_values_alone(api_with):
    api = api_with(Allowance(values=1))
    for _ in range(3):
        assert (await api("rep", "createCustomer", **NEW, mobile=KNOWN["own"]["mobile"])).codes == ["DUPLICATE"]
    shown = {"fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电", "id": api.house.customer("own")}
    assert [(await api("rep", "revealPersonalData", **shown)).codes for _ in range(2)] == [[], ["LIMIT_EXCEEDED"]]


async def test_managers_may_not_look_for_duplicates_by_name(api: Api):
    given = {"fields": ["MOBILE"], "purpose": "DUPLICATE_CHECK", "reason": "核对", "id": api.house.customer("own")}
    assert (await api("manager", "revealPersonalData", **given)).refusals == [("INVALID", "purpose")]


@pytest.mark.parametrize(
    ("act", "bad"),
    [
        ("createCustomer", {"region": "区" * 101}),
        ("createCustomer", {"tags": [""]}),
        ("createCustomer", {"name": "13812345678"}),
        ("createCustomer", {"wechatId": "!"}),
        ("editCustomer", {"industry": "业" * 101}),
        ("editCustomer", {"tags": [""]}),
        ("editCustomer", {"name": None}),
        ("editCustomer", {"expectedVersion": 7}),
    ],
)
async def test_an_act_that_fails_anyway_tells_nothing_of_a_contact(api: Api, act, bad):
    scratch = a_customer(api.house.staff["rep"], {"name": "草稿"})
    await api.write(scratch)
    given = NEW if act == "createCustomer" else {"customerId": api.house.id_of(scratch), "expectedVersion": 1}
    tried = (KNOWN["own"]["mobile"], "13911112222", KNOWN["strange"]["mobile"])
    answers = [(await api("rep", act, **given | {"mobile": mobile} | bad)).reply for mobile in tried]
    assert answers[0] == answers[1] == answers[2]
    assert "DUPLICATE" not in str(answers)
    assert (await api("rep", act, **given, mobile=KNOWN["own"]["mobile"])).codes == ["DUPLICATE"]


# -- The attack: the right candidate among ten thousand ---------------------------------------------------------------

STATES = (
    "customer { version mobile { display sight revealable } idNumber { display sight revealable } viewerCan { edit }"
)
STATES += " history { totalCount nodes { kind fields } } owner { id } }"


@pytest.fixture
def statements(monkeypatch) -> Callable[[], list[str]]:
    """What was sent to the database since it was asked last."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def recording(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        sent.append(query.decode() if isinstance(query, bytes) else str(query))
        return await execute(self, query, *args, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", recording)

    def taken() -> list[str]:
        found = list(sent)
        sent.clear()
        return found

    return taken


def candidates(right: str) -> list[str]:
    """What a mask such as 139****9003 or 4****************2 leaves, the right one somewhere among the others."""
    return [
        *(f"139{number:04}9003" for number in range(20, 24)),
        right,
        *(f"139{number:04}9003" for number in range(30, 34)),
    ]


ATTACKS = {
    "mobile of another rep's customer": ("mobile", candidates(STRANGE["mobile"]), STRANGE["mobile"]),
    "identity number of another rep's customer": (
        "idNumber",
        ["110105199001010010", "440301199001010020", STRANGE["id_number"], "310101198801010016", "440301199001010020"],
        STRANGE["id_number"],
    ),
    "identity number of an own customer": (
        "idNumber", ["440301199001010012", KNOWN["own"]["id_number"], "110105199001010010"], KNOWN["own"]["id_number"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("act", ["editCustomer", "createCustomer"])
async def test_the_right_candidate_is_answered_worked_at_and_later_shown_like_the_others(
    api_with, strange_of, statements, monkeypatch, attack, act
):
    monkeypatch.setattr(allowance, "PRUNE_EVERY", 1_000_000)
    monkeypatch.setattr(idempotency, "PRUNE_EVERY", 1_000_000)
    api = api_with(FREE)
    await strange_of(api)
    field, guesses, right = ATTACKS[attack]
    guesses = [guess for guess in guesses if valid(field, guess)]
    assert right in guesses
    assert len(guesses) >= 2
    assert (await api("rep", "createCustomer", STATES, **NEW)).codes == []  # connections are opened, plans are made
    seen = []
    for number, guess in enumerate(guesses):
        if act == "createCustomer":
            given: dict[str, Any] = NEW
        else:
            scratch = a_customer(api.house.staff["rep"], {"name": "草稿"})
            await api.write(scratch)
            given = {"customerId": api.house.id_of(scratch), "expectedVersion": 1}
        before, _ = rows_of(api), statements()
        first = await api.ask("rep", document(act, STATES), f"key {number}", input={**given, field: guess})
        work = statements()
        after = rows_of(api)
        again = await api.ask("rep", document(act, STATES), f"key {number}", input={**given, field: guess})
        assert again == first
        seen.append((told(first), work, {name: after[name] - before[name] for name in after}))
    for one in seen:
        assert one == seen[0]
    assert "DUPLICATE" not in str(seen)
    assert api.rows(LOG) == []
    listed = (await api.ask("rep", "{ customers { totalCount } duplicateContacts { totalCount } }"))["data"]
    assert listed["duplicateContacts"] == {"totalCount": 0}
    assert {outcome for _, outcome in api.audit()} == {"DONE"}


@pytest.fixture
def strange_of() -> Callable[[Api], Any]:
    async def write(api: Api) -> None:
        await api.write(a_customer(api.house.staff["other_rep"], {"name": "李雷二", **STRANGE}))

    return write


def valid(field: str, guess: str) -> bool:
    from domain.customer import Customer  # noqa: PLC0415
    from domain.errors import Invalid  # noqa: PLC0415
    from schema.answering.selecting import snake  # noqa: PLC0415

    try:
        vars(Customer)[snake(field)].normal(guess)
    except Invalid:
        return False
    return True


def rows_of(api: Api) -> dict[str, int]:
    """How many rows every table holds."""
    tables = api.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")
    counted = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for (name,) in tables)
    return dict(api.rows(counted))


def told(reply: dict[str, Any]) -> str:
    """The answer, the masks of what was sent by their form."""
    return re.sub(r"[0-9X]+(?=\*)|(?<=\*)[0-9X]+", "#", str(reply))


async def test_who_writes_a_contact_does_not_wait_for_another_who_writes_it(api: Api):
    other = a_customer(api.house.staff["other_rep"], {"name": "李雷三", "mobile": "13911112222"}, external_id="K-7")
    async with written_and_open(api.desks, api.ring, other), asyncio.timeout(5):
        for contact in ({"mobile": "13911112222"}, {"externalId": "K-7"}):
            assert (await api("rep", "createCustomer", **NEW, **contact)).refusals == []
    assert sorted(fields for *_, fields in await pairs(api)) == [["EXTERNAL_ID"], ["MOBILE"]]


# -- Customer numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", ["A-1", " A-1", "A-1\n", "Ａ-1", "\ufeffA-1"])
async def test_a_number_of_the_own_scope_is_a_duplicate_however_it_is_written(api: Api, same):
    assert (await api("rep", "createCustomer", **NEW, externalId="A-1")).refusals == []
    assert (await api("rep", "createCustomer", **NEW, externalId=same)).refusals == [("DUPLICATE", "externalId")]
    assert (await api("manager", "createCustomer", **NEW, externalId=same)).refusals == [("DUPLICATE", "externalId")]
    assert (await api("other_rep", "createCustomer", **NEW, externalId=same)).refusals == []
    assert [fields for *_, fields in await pairs(api)] == [["EXTERNAL_ID"]]


async def test_a_number_is_one_of_its_system_only(api: Api):
    read = "customer { externalId externalSystem }"
    shown = []
    for system in ({}, {"externalSystem": "erp"}, {"externalSystem": "shop"}):
        answer = await api("rep", "createCustomer", read, **NEW, externalId="A-1", **system)
        assert answer.refusals == []
        shown.append(answer.payload["customer"]["externalSystem"])
    assert shown == ["main", "erp", "shop"]
    for system in ({"externalSystem": "main"}, {"externalSystem": "ｅｒｐ "}):
        again = await api("rep", "createCustomer", **NEW, externalId="A-1", **system)
        assert again.refusals == [("DUPLICATE", "externalId")]
    assert await pairs(api) == []


async def test_a_system_is_no_place_for_a_telephone_number(api: Api):
    answer = await api("rep", "createCustomer", **NEW, externalId="A-1", externalSystem="13812345678")
    assert answer.refusals == [("INVALID", "externalSystem")]


# -- Limits -----------------------------------------------------------------------------------------------------------


async def test_contacts_are_entered_so_often_in_an_hour_and_then_nothing_is_told(api_with):
    api = api_with(Allowance(contact_changes=3))
    own = {"customerId": api.house.customer("own"), "expectedVersion": 1}
    assert (await api("rep", "createCustomer", **NEW, mobile="13911110001")).codes == []
    assert (await api("rep", "createCustomer", **NEW, mobile=KNOWN["own"]["mobile"])).codes == ["DUPLICATE"]
    assert (await api("rep", "editCustomer", **own, email="new@example.com")).codes == []
    again = api_with(Allowance(contact_changes=3))  # a restart forgets nothing
    for contact in (
        {"mobile": KNOWN["own"]["mobile"]},
        {"mobile": "13911112222"},
        {"externalId": "K-9"},
        {"idNumber": "440301199001010012"},
    ):
        assert (await again("rep", "createCustomer", **NEW, **contact)).refusals == [("LIMIT_EXCEEDED", "")]
    edit = own | {"expectedVersion": 2}
    assert (await again("rep", "editCustomer", **edit, mobile=KNOWN["own"]["mobile"])).codes == ["LIMIT_EXCEEDED"]
    assert (await again("rep", "editCustomer", **edit, region="华东", name="欧阳")).codes == []
    assert (await again("rep", "createCustomer", **NEW)).codes == []
    assert (await again("other_rep", "createCustomer", **NEW, mobile="13911112222")).codes == []


def test_the_bounds_are_what_the_settings_say():
    assert (Allowance().contact_changes, Allowance().changes_of_customer) == (200, 10)


async def test_one_customers_contacts_are_entered_so_often_in_a_day_by_one_person_and_nobody_uses_up_anothers(api_with):
    api = api_with(Allowance(changes_of_customer=3))
    own = {"customerId": api.house.customer("own")}
    for version in (1, 2, 3):
        mobile = f"1391111000{version}"
        assert (await api("rep", "editCustomer", **own, expectedVersion=version, mobile=mobile)).codes == []
    answer = await api("rep", "editCustomer", **own, expectedVersion=4, mobile="13911110009")
    assert answer.refusals == [("LIMIT_EXCEEDED", "")]
    assert (await api("rep", "editCustomer", **own, expectedVersion=4, mobile=None)).codes == []
    assert (await api("manager", "editCustomer", **own, expectedVersion=5, mobile="13911110009")).codes == []
    assert (await api("rep", "createCustomer", **NEW, mobile="13911110010")).codes == []


async def test_an_edit_that_enters_no_contact_does_not_count(api_with):
    api = api_with(Allowance(contact_changes=1, changes_of_customer=1))
    own = {"customerId": api.house.customer("own")}
    assert (await api("rep", "editCustomer", **own, expectedVersion=1, otherMobile=None)).codes == []
    assert (await api("rep", "editCustomer", **own, expectedVersion=1, region="华东", address=None)).codes == []
    assert (await api("rep", "editCustomer", **own, expectedVersion=2, mobile=None)).codes == []
    assert api.rows("SELECT * FROM contact_change") == []
    assert (await api("rep", "editCustomer", **own, expectedVersion=3, email="x@example.com")).codes == []
    assert (await api("rep", "editCustomer", **own, expectedVersion=4, email="y@example.com")).codes == [
        "LIMIT_EXCEEDED"
    ]


@pytest.mark.parametrize(
    ("ago", "of_customer", "codes"),
    [
        (59, False, ["LIMIT_EXCEEDED"]),
        (61, False, []),
        (23 * 60, True, ["LIMIT_EXCEEDED"]),
        (25 * 60, True, []),
    ],
)
async def test_what_was_entered_before_no_longer_counts(api_with, ago, of_customer, codes):
    api = api_with(Allowance(contact_changes=1, changes_of_customer=1))
    at, own = datetime.now(UTC) - timedelta(minutes=ago), api.house.customers["own"].id
    viewer = api.house.viewers["rep"].id
    row = ContactChange(
        id=new_id(int(at.timestamp() * 1000)), viewer_id=viewer, customer_id=own if of_customer else None, at=at
    )
    await api.write(row)
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1, "mobile": "13911110009"}
    assert (await api("rep", "editCustomer", **given)).codes == codes


async def test_a_limit_is_not_kept_under_the_key(api_with):
    edit = {"customerId": api_with(FREE).house.customer("own"), "expectedVersion": 1, "mobile": "13911110009"}
    assert await tried(api_with(Allowance(contact_changes=0)), "rep", "editCustomer", "k", **edit) == ["LIMIT_EXCEEDED"]
    assert await tried(api_with(FREE), "rep", "editCustomer", "k", **edit) == []


async def test_what_no_limit_counts_any_more_is_deleted_a_batch_at_a_time(api: Api, monkeypatch):
    monkeypatch.setattr(allowance, "PRUNE_EVERY", 1)
    monkeypatch.setattr(allowance, "PRUNE_BATCH_SIZE", 2)
    old = "INSERT INTO contact_change SELECT gen_random_uuid(), gen_random_uuid(), NULL, now() - '25h'::interval"
    with psycopg.connect(api.url) as connection:
        for _ in range(3):
            connection.execute(old)
    left = []
    for mobile in ("13911110001", "13911110002"):
        assert (await api("rep", "createCustomer", **NEW, mobile=mobile)).codes == []
        left.append(api.rows("SELECT count(*) FROM contact_change WHERE at < now() - '24h'::interval")[0][0])
    assert left == [1, 0]
