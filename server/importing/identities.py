"""The numbers by which a row says who somebody is: resident card, credit code, another document, or a tax number."""

from domain.customer import Customer, CustomerKind
from domain.errors import Invalid
from domain.imported_details import ImportedDetail
from domain.personal import is_credit_code
from domain.personal.document import IdDocument, IdDocumentKind, document_told_by
from domain.personal.identity import is_card_shaped
from domain.personal.text import plain
from server.importing.cells import Cells, bare_code, first
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.values import IDENTITIES
from server.importing.words import DOCUMENT_KINDS, named_word, word_of

_BY_COLUMN = {
    Column.PASSPORT: IdDocumentKind.PASSPORT,
    Column.HK_MACAO_PERMIT: IdDocumentKind.HK_MACAO_PERMIT,
    Column.TAIWAN_PERMIT: IdDocumentKind.TAIWAN_PERMIT,
}
_BEAR_RESIDENT_IDS = frozenset({IdDocumentKind.OTHER, IdDocumentKind.FOREIGN_PERMANENT_RESIDENT})
"""Kinds whose documents may bear a number like that of a resident identity card: driving licences, social security
cards, residence permits. It is that number, whatever bears it."""
_RESIDENT = "RESIDENT_ID"
"""What a word of the column of kinds stands for where the number belongs into `id_number`."""


class Identities:
    """Puts the numbers of a row onto its customer, whose kind is known by now."""

    def __init__(self, customer: Customer, cells: Cells, faults: Findings, warnings: Findings, notes: Findings) -> None:
        self._customer, self._cells, self._faults = customer, cells, faults
        self._warnings, self._notes = warnings, notes
        self._document: IdDocument | None = None
        self.details: list[ImportedDetail] = []
        """Tax numbers: they are nobody's identity number, and have no field yet."""

    def take(self) -> None:
        """Takes all columns of numbers. What is wrong is a fault of its column."""
        for column in IDENTITIES:
            if text := first(self._cells, column):
                with self._faults.refusals_of(column):
                    self._take(column, text)
        if text := first(self._cells, Column.TAX_NUMBER):
            with self._faults.refusals_of(Column.TAX_NUMBER):
                self._take_tax_number(text)

    def _take(self, column: Column, text: str) -> None:
        kind = _BY_COLUMN.get(column) or self._kind_said()
        if kind in _BEAR_RESIDENT_IDS and self._is_resident_id(text):
            self._customer.id_number = text
        elif isinstance(kind, IdDocumentKind):
            self._keep(column, IdDocument(kind, text))
        elif column is not Column.ID_NUMBER and self._is_old_tax_number(text):
            self._keep_tax_number(column, text)
        elif found := self._told_by_shape(column, text) if kind is None else None:
            self._keep(column, found)
        else:
            self._customer.id_number = text
            self._tell_upgrade(text)

    def _is_resident_id(self, text: str) -> bool:
        return is_card_shaped(bare_code(text)) and self._customer.kind is CustomerKind.PERSON

    def _kind_said(self) -> IdDocumentKind | str | None:
        word = first(self._cells, Column.ID_DOCUMENT_KIND)
        if not word:
            return None
        known = word_of(DOCUMENT_KINDS, word)
        if known is None:
            zh, en = named_word(word)
            self._warnings.add(
                Column.ID_DOCUMENT_KIND,
                f"无法识别的证件类型{zh}，按其他证件保存",
                f"Not a known kind of document{en}; kept as another document",
            )
            return IdDocumentKind.OTHER
        return None if known == _RESIDENT else IdDocumentKind(known)

    def _told_by_shape(self, column: Column, text: str) -> IdDocument | None:
        found = document_told_by(text, field=column)
        # Eight digits are a Taiwan permit only where the heading speaks of documents in general.
        digits_alone = found is not None and found.number.isdigit()
        return None if digits_alone and column is Column.ID_NUMBER else found

    def _keep(self, column: Column, document: IdDocument) -> None:
        if self._document is not None:
            self._warnings.add(
                column,
                "一位客户只能保存一件其他证件，此证件没有导入",
                "A customer has one further identity document; this one was not imported",
            )
            return
        self._customer.fill("id_document", document)
        self._document = document

    def _is_old_tax_number(self, text: str) -> bool:
        number = bare_code(text)
        return self._customer.kind is CustomerKind.ORGANIZATION and len(number) == 15 and number.isdigit()

    def _take_tax_number(self, text: str) -> None:
        number = bare_code(text)
        if len(number) == 18 or is_credit_code(number):
            self._take_credit_code(text, number)
        elif number.isalnum() and number.isascii() and 15 <= len(number) <= 20:
            self._keep_tax_number(Column.TAX_NUMBER, text)
        else:
            raise Invalid(
                Column.TAX_NUMBER,
                "税号无效：应为 18 位统一社会信用代码，或 15 至 20 位字母与数字",
                "Not a tax number: a unified social credit code, or 15 to 20 letters and digits",
            )

    def _take_credit_code(self, text: str, number: str) -> None:
        written = first(self._cells, Column.ID_NUMBER)
        if written and bare_code(written) != number:
            self._keep_tax_number(Column.TAX_NUMBER, text)  # the identity number of the row stays
        else:
            self._customer.id_number = text

    def _keep_tax_number(self, column: Column, text: str) -> None:
        self.details.append(ImportedDetail("tax_number", plain(bare_code(text), field=column, longest=20)))
        self._warnings.add(
            column,
            "这是税号，不是身份证号或统一社会信用代码，已加密保存在备注中",
            "This is a tax number, neither an identity number nor a credit code; it is kept sealed in a note",
        )

    def _tell_upgrade(self, text: str) -> None:
        if len(bare_code(text)) == 15:
            self._notes.add(
                Column.ID_NUMBER, "15 位身份证号已升为 18 位", "An identity card number of 15 digits was upgraded to 18"
            )
