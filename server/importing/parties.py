"""Who the customer of a row is, and who is only the contact: told by what the columns say, never by their order."""

from typing import NamedTuple

from auth.free_text import is_personal_name
from domain.customer import Customer, CustomerKind
from domain.imported_details import ImportedDetail
from domain.personal import is_card_shaped, is_credit_code, person_name
from domain.sealed import clear_values
from server.importing.cells import Cells, bare_code, first
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.values import means_nothing
from server.importing.words import KINDS, is_organisation, named_word, word_of

_CODES = (Column.ID_NUMBER, Column.TAX_NUMBER, Column.ID_DOCUMENT)


class Party(NamedTuple):
    """A name, and the column that says whose it is."""

    column: Column
    name: str


class Parties(NamedTuple):
    """The customer, what it is, and whoever else the row names."""

    name: str
    kind: CustomerKind
    others: list[Party]


def parties_of(cells: Cells, kind: CustomerKind | None) -> Parties:
    """The parties of a row; `kind` is what the row says of its kind, None where it is silent.

    A company named beside a person is the customer and the person its contact, unless the row says that the customer
    is a person. The name is empty where the row has none.
    """
    named = _named(cells)
    if not named:
        return Parties("", kind or CustomerKind.PERSON, [])
    customer = min(named, key=lambda party: _ORDERS[_meant(named, kind)].index(_role(party)))
    others = [party for party in named if party.name != customer.name]
    return Parties(customer.name, kind or _inferred(customer, cells), others)


def _named(cells: Cells) -> list[Party]:
    """Everybody whom the row names, each once. A name that only organisations bear is one of an organisation."""
    found: dict[str, Party] = {}
    for column in (Column.NAME, Column.COMPANY, Column.CONTACT):
        for name in cells.get(column, ()):
            found.setdefault(name, Party(column, name))
    return list(found.values())


_ORGANISATION_BY_NAME, _NAME, _COMPANY, _CONTACT = range(4)
_ORDERS = {
    CustomerKind.ORGANIZATION: (_ORGANISATION_BY_NAME, _COMPANY, _NAME, _CONTACT),
    CustomerKind.PERSON: (_NAME, _ORGANISATION_BY_NAME, _CONTACT, _COMPANY),
}
"""Which name is the customer's, by what the customer is."""


def _role(party: Party) -> int:
    if party.column is Column.NAME:
        return _ORGANISATION_BY_NAME if is_organisation(party.name) else _NAME
    return _COMPANY if party.column is Column.COMPANY else _CONTACT


def _meant(named: list[Party], kind: CustomerKind | None) -> CustomerKind:
    if kind is not None:
        return kind
    organisations = {_ORGANISATION_BY_NAME, _COMPANY}
    return CustomerKind.ORGANIZATION if any(_role(party) in organisations for party in named) else CustomerKind.PERSON


def _inferred(customer: Party, cells: Cells) -> CustomerKind:
    """What a customer is where the export is silent: an organisation by column, name or credit code, else a person."""
    codes = [bare_code(code) for column in _CODES for code in cells.get(column, ())]
    is_one = (
        customer.column is Column.COMPANY
        or is_organisation(customer.name)
        or any(is_credit_code(code) and not is_card_shaped(code) for code in codes)
    )
    return CustomerKind.ORGANIZATION if is_one else CustomerKind.PERSON


def take_parties(customer: Customer, cells: Cells, faults: Findings, warnings: Findings) -> list[ImportedDetail]:
    """Names the customer and says what it is. What is given back are the other names of the row."""
    parties = parties_of(cells, _kind_said(cells))
    customer.kind = parties.kind
    _kind_told(cells, parties.kind, warnings)
    _name(customer, parties.name, faults)
    if means_nothing(parties.name):
        warnings.add("name", "名称像是表示“无”的词，请核对", "The name reads like a word for nothing; please check")
    kept: list[ImportedDetail] = []
    for party in parties.others:
        with faults.refusals_of(party.column):
            kept.append(ImportedDetail(_kept_as(party), person_name(party.name, field=party.column)))
    return kept


def _kept_as(party: Party) -> str:
    """A name that is not the customer's is a person's, unless it is a company's."""
    if party.column is Column.COMPANY:
        return "company"
    return "name" if party.column is Column.NAME and is_organisation(party.name) else "contact"


def _kind_said(cells: Cells) -> CustomerKind | None:
    return word_of(KINDS, first(cells, Column.KIND))


def _kind_told(cells: Cells, kind: CustomerKind, warnings: Findings) -> None:
    """A word that is not known loses no row: the kind is told by the name."""
    word = first(cells, Column.KIND)
    if word and _kind_said(cells) is None:
        zh, en = named_word(word)
        taken = ("企业", "an organisation") if kind is CustomerKind.ORGANIZATION else ("个人", "a person")
        warnings.add(
            "kind",
            f"无法识别的客户类型{zh}，按名称判断为{taken[0]}",
            f"Not a known kind{en}; by the name it is {taken[1]}",
        )


def _name(customer: Customer, name: str, faults: Findings) -> None:
    if not name:
        faults.add("name", "客户名称为空", "The name is missing")
        return
    with faults.refusals_of("name"):
        customer.name = name
    written = clear_values(customer).get("name") or ""
    if is_personal_name(written, of_organisation=customer.kind is CustomerKind.ORGANIZATION):
        faults.add(
            "name",
            "名称中含有电话、证件号或邮箱，请移到对应的栏",
            "A telephone, card number or e-mail stands in the name; move it to its column",
        )
