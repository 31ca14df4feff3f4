"""Identity documents other than the resident card: written, masked, never mixed up with identity numbers."""

from typing import Any

import pytest

from domain.identity import public_id
from tests.api.site import Api

NEW = {"kind": "PERSON", "basis": "CONTRACT", "name": "韩梅梅"}
READ = "customer { id idNumber { display } idDocument { kind number { display sight } } }"
STORED = "SELECT document_kind, id_document_masked, id_document_sealed IS NULL FROM customer WHERE id = %s"
TOLD_BY_SHAPE = [
    ("E12345678", "PASSPORT", "E******78"),
    ("e 1234 5678", "PASSPORT", "E******78"),
    ("H12345678", "HK_MACAO_PERMIT", "H******78"),
    ("M1234567801", "HK_MACAO_PERMIT", "M********01"),
    ("C12345678", "HK_MACAO_PERMIT", "C******78"),
    ("12345678", "TAIWAN_PERMIT", "1*****78"),
    ("T12345678", "TAIWAN_PERMIT", "T******78"),
    ("USA110067120101", "FOREIGN_PERMANENT_RESIDENT", "U************01"),
    ("军字第2001988号", "MILITARY", "军*******88"),
]


def shown(kind: str | None, display: str | None) -> dict[str, Any]:
    return {"kind": kind, "number": {"display": display, "sight": "MASKED"}}


@pytest.mark.parametrize(("number", "kind", "display"), TOLD_BY_SHAPE)
async def test_an_identity_number_that_is_another_document_is_kept_as_one(api: Api, number, kind, display) -> None:
    answer = await api("rep", "createCustomer", READ, **NEW, idNumber=number)
    made = answer.payload["customer"]
    assert (answer.refusals, made["idNumber"]["display"]) == ([], None)
    assert made["idDocument"] == shown(kind, display)


async def test_a_document_is_given_with_its_kind(api: Api) -> None:
    document = {"kind": "PASSPORT", "number": "123456789"}
    answer = await api("rep", "createCustomer", READ, **NEW, idNumber="440301199001010012", idDocument=document)
    made = answer.payload["customer"]
    assert (made["idNumber"]["display"], made["idDocument"]) == ("4****************2", shown("PASSPORT", "1******89"))


@pytest.mark.parametrize("number", ["19880615", "20010203"])
@pytest.mark.parametrize("kind", [None, "TAIWAN_PERMIT", "OTHER"])
async def test_a_date_is_never_a_document(api: Api, number: str, kind: str | None) -> None:
    given = {"idDocument": {"kind": kind, "number": number}} if kind else {"idNumber": number}
    answer = await api("rep", "createCustomer", READ, **NEW, **given)
    assert answer.refusals == [("INVALID", "idDocument" if kind else "idNumber")]
    assert number not in str(answer.payload)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("TAIWAN_PERMIT", "E12345678"), ("HK_MACAO_PERMIT", "12345678"), ("PASSPORT", "123"),
     ("OTHER", "440301199001010012"),
     ("OTHER", "身份"), ("PASSPORT", "E****5678"), ("OTHER", "A" * 200)],
)  # fmt: skip
async def test_a_number_that_no_such_document_bears_is_refused(api: Api, kind: str, number: str) -> None:
    answer = await api("rep", "createCustomer", READ, **NEW, idDocument={"kind": kind, "number": number})
    assert [field for _, field in answer.refusals] == ["idDocument"]


async def test_two_documents_at_once_are_refused(api: Api) -> None:
    document = {"kind": "PASSPORT", "number": "E12345678"}
    answer = await api("rep", "createCustomer", READ, **NEW, idNumber="H12345678", idDocument=document)
    assert answer.refusals == [("INVALID", "idNumber")]


async def test_editing_a_document_leaves_the_identity_number_and_null_empties(api: Api) -> None:
    id_, inner = api.house.customer("own"), api.house.customers["own"].id
    assert public_id("cus", inner) == id_
    answer = await api("rep", "editCustomer", READ, customerId=id_, expectedVersion=1, idNumber="E12345678")
    changed = answer.payload["customer"]
    assert (changed["idNumber"]["display"], changed["idDocument"]["kind"]) == ("1****************X", "PASSPORT")
    assert api.rows("SELECT fields FROM event WHERE kind = 'EDITED'") == [(["idDocument"],)]
    assert api.rows(STORED, inner) == [("PASSPORT", "E******78", False)]
    answer = await api("rep", "editCustomer", READ, customerId=id_, expectedVersion=2, idDocument=None)
    assert answer.payload["customer"]["idDocument"] == shown(None, None)
    assert api.rows(STORED, inner) == [(None, None, True)]


async def test_a_document_is_revealed_no_sooner_than_an_identity_number(api: Api) -> None:
    made = await api("rep", "createCustomer", READ, **NEW, idNumber="E12345678")
    answer = await api(
        "rep", "revealPersonalData", "values { field value }", id=made.payload["customer"]["id"],
        fields=["ID_DOCUMENT"], purpose="SERVICE", reason="核对证件",
    )  # fmt: skip
    assert answer.refusals == [("APPROVAL_REQUIRED", "fields.0")]


@pytest.mark.parametrize(("caller", "sight", "kind"), [("manager", "MASKED", "PASSPORT"), ("partner", "HIDDEN", None)])
async def test_whoever_sees_no_number_sees_no_kind(api: Api, caller: str, sight: str, kind: str | None) -> None:
    id_ = api.house.customer("own")
    await api("rep", "editCustomer", READ, customerId=id_, expectedVersion=1, idNumber="E12345678")
    read = f'{{ customer(id: "{id_}") {{ idDocument {{ kind number {{ display sight revealable }} }} }} }}'
    found = (await api.ask(caller, read))["data"]["customer"]["idDocument"]
    assert (found["kind"], found["number"]["sight"]) == (kind, sight)


async def test_no_number_is_in_the_database_in_clear(api: Api) -> None:
    await api("rep", "createCustomer", READ, **NEW, idNumber="E12345678")
    tables = api.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    held = "".join(str(row) for (table,) in tables for row in api.rows(f'SELECT t::text FROM "{table}" t'))
    assert "E12345678" not in held
