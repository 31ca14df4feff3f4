"""The numbers of identity cards (GB 11643-1999) and of organisations (GB 32100-2015)."""

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from domain.errors import Invalid
from domain.personal.dates import day_of, may_be_born_on
from domain.personal.text import compact

# Two digits of the province; for foreigners with permanent residence a 9 stands before them. Finer division codes
# change every year, and a card keeps the one it was issued with: a table would refuse real people.
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71)"
_REGION = rf"(?:{_PROVINCE}[0-9]{{4}}|8[123]0000|9{_PROVINCE}[0-9]{{3}})"
_RESIDENT_ID = re.compile(rf"{_REGION}([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})[0-9]{{3}}[0-9X]")
_OLD_RESIDENT_ID = re.compile(rf"{_PROVINCE}[0-9]{{4}}([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})[0-9]{{3}}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def identity_number(text: str, *, field: str) -> str:
    """An identity card number or a unified social credit code, whichever it is; registers mix the two up.

    Raises Invalid where it is neither.
    """
    number = _code(text, field)
    if number_of_person := _resident_id(number):
        return number_of_person
    if is_credit_code(number):
        return number
    raise Invalid(
        field,
        "证件号码无效：应为 18 位身份证号或统一社会信用代码，请核对校验位",
        "Neither an identity card number nor a unified social credit code; check the last digit",
    )


def resident_id(text: str, *, field: str) -> str:
    """An 18-digit identity card number, the X in upper case; 15 digits are upgraded. Raises Invalid."""
    number = _resident_id(_code(text, field))
    if number is None:
        raise Invalid(
            field, "身份证号无效，请核对出生日期与校验位", "Not an identity card number; check date and last digit"
        )
    return number


def credit_code(text: str, *, field: str) -> str:
    """A unified social credit code in upper case. Raises Invalid."""
    number = _code(text, field)
    if not is_credit_code(number):
        raise Invalid(
            field, "统一社会信用代码无效，请核对校验位", "Not a unified social credit code; check the last character"
        )
    return number


def is_resident_id(number: str) -> bool:
    """Whether this is the normal form of an 18-digit number: region, possible birth date, check digit."""
    return is_card_shaped(number) and ric.calc_check_digit(number) == number[-1]


def is_card_shaped(number: str) -> bool:
    """Whether this reads like an 18-digit number, right or mistyped: region and possible birth date.

    One mistyped number in thirty has the check character of a credit code.
    """
    found = _RESIDENT_ID.fullmatch(number)
    return found is not None and _born(*found.groups())


def is_old_resident_id(number: str) -> bool:
    """Whether this is a 15-digit number of before 1999, told by region and birth date: it has no check digit."""
    found = _OLD_RESIDENT_ID.fullmatch(number)
    return found is not None and _born(f"19{found[1]}", found[2], found[3])


def is_credit_code(number: str) -> bool:
    """Whether this is a unified social credit code in upper case with the right check character."""
    # Own shape, since stdnum refuses the codes that begin with letters (rural collectives, public institutions).
    return _CREDIT_CODE.fullmatch(number) is not None and _check_character(number) == number[-1]


def _code(text: str, field: str) -> str:
    return compact(text, field=field, longest=60).replace("-", "").upper()


def _resident_id(number: str) -> str | None:
    if is_resident_id(number):
        return number
    return _upgraded(number) if is_old_resident_id(number) else None


def _upgraded(old: str) -> str:
    century = f"{old[:6]}19{old[6:]}"
    return century + ric.calc_check_digit(f"{century}0")


def _check_character(number: str) -> str | None:
    try:
        return uscc.calc_check_digit(number)
    except (ValidationError, ValueError):
        return None


def _born(year: str, month: str, day: str) -> bool:
    born: date | None = day_of(int(year), int(month), int(day))
    return born is not None and may_be_born_on(born)
