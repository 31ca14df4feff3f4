"""Numbers of bank cards, told by issuer and check digit, and of accounts, told by their label."""

import re
from collections.abc import Iterator

from stdnum import iban

from auth.free_text.context import GAP, digits, is_business_number, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, bank_card

_BREAK = r"[ \t\r\n.\-/_·,、=*#+]{1,4}+"
# Whole; in groups of four; as American Express and the account cards of some banks group them; digit by digit.
_FORM = re.compile(
    rf"(?<![0-9])(?:[2-69][0-9]{{12,18}}|[2-69][0-9]{{3}}(?:{_BREAK}[0-9]{{4}}){{2,3}}{_BREAK}[0-9]{{1,3}}"
    rf"|[2-69][0-9]{{3}}(?:{_BREAK}[0-9]{{4}}){{3}}|3[0-9]{{3}}{_BREAK}[0-9]{{6}}{_BREAK}[0-9]{{4,5}}"
    rf"|[2-69][0-9]{{5,7}}{_BREAK}[0-9]{{7,13}}|(?<![0-9][ .\-])[2-69](?:[ .\-][0-9](?![0-9])){{12,18}})(?![0-9])"
)
_FOURS = re.compile(rf"(?<![0-9])[2-69][0-9]{{3}}(?:{_BREAK}[0-9]{{4}}){{3}}(?![0-9])")
_LABELLED = re.compile(
    label(
        r"卡号|银行卡|信用卡|储蓄卡|借记卡|工资卡|存折|存摺|存单|[工建农中招交邮]行卡?|[一-鿿]{2}银行|开户行?|[打汇]款[到至给]?|收款|转账[到至给]|(?<![a-z])(?:card|iban)",
        "|尾号是?|卡|银行",
    )
    + rf"([0-9](?:{GAP}[0-9]){{11,24}})(?![0-9])",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    label("账号|帐号|账户|帐户|(?<![a-z])(?:account|acct|a/c)") + rf"([0-9](?:{GAP}[0-9]){{14,24}})(?![0-9])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
# UnionPay and older Chinese cards, Visa, Mastercard, American Express, JCB, Diners, with their lengths. Order numbers
# like to begin with yymmdd, so that the Mastercards which would read as a date are left out.
_ISSUED = re.compile(
    "6[0-9]{15,18}|9558[0-9]{12,15}|4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}"
    "|2[2-7](?!(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))[0-9]{14}|3[47][0-9]{13}|35[0-9]{14}|3[0689][0-9]{12}"
)
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")  # and the digits of the double added up


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.BANK_CARD, _FORM, text, _read),
        matches(Kind.BANK_CARD, _LABELLED, text, _labelled),
        matches(Kind.BANK_CARD, _ACCOUNT, text, _labelled),
        matches(Kind.BANK_CARD, _IBAN, text, _iban),
    )


def _read(match: re.Match[str]) -> Find | None:
    """Of groups of four the first sixteen digits may be the card, and the next group something else."""
    fours = _FOURS.match(match.string, match.start())
    return _issued(match) or (_issued(fours) if fours else None)


def _issued(match: re.Match[str]) -> Find | None:
    number = digits(match[0])
    if not _ISSUED.fullmatch(number) or not _passes_luhn(number):
        return None
    if is_business_number(match.string, match.start()):
        return None
    return _made(match.start(), match.end(), number)


def _labelled(match: re.Match[str]) -> Find:
    return _made(match.start(1), match.end(1), digits(match[1]))


def _iban(match: re.Match[str]) -> Find | None:
    return _made(match.start(), match.end(), match[0]) if iban.is_valid(match[0]) else None


def _made(start: int, end: int, number: str) -> Find:
    shown = bank_card(number)
    return Find(start, end, Kind.BANK_CARD, f"**** {number[-4:]}" if shown in {HIDDEN, None} else str(shown))


def _passes_luhn(number: str) -> bool:
    # Not stdnum's, which takes ten times as long: hostile text is full of near misses.
    summed = sum(number[-1::-2].encode()) + sum(number[-2::-2].encode().translate(_DOUBLED))
    return (summed - len(number) * ord("0")) % 10 == 0


DETECTOR = Detector(Kind.BANK_CARD, _find, digits=12, reads_words=True)
