"""The rule for new passwords, and what is kept of one."""

import pytest

from auth.entering.passwords import LEAST, MOST, check_new, hashed
from domain.errors import Invalid

GOOD = ["correct horse battery", "仓库里有十二只猫在睡觉呢", "aB3$5" * 51, "Tr0ub4dor&3-extra"]
BAD = {
    "short": "a1b2c3d4e5f",
    "long": "aB3$" * 64 + "x",
    "monotonous": "abcdabcdabcdabcd",
    "the login": "chief-administrator",
    "the login in capitals": "CHIEF-Administrator",
    "the login backwards": "rotartsinimda-feihc",
    "half a character": "correct horse \ud83d battery",
    "with a NUL": "correct horse\0 battery",
}


@pytest.mark.parametrize("password", GOOD)
def test_a_password_of_some_length_is_taken_whatever_is_in_it(password: str) -> None:
    assert LEAST <= len(password) <= MOST
    check_new(password, "chief-administrator")


@pytest.mark.parametrize("password", BAD.values(), ids=BAD)
def test_a_poor_password_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new(password, "chief-administrator")
    assert refused.value.field == ("password",)
    assert password not in str(refused.value)


def test_equal_passwords_are_kept_as_unequal_texts() -> None:
    assert hashed(GOOD[0]) != hashed(GOOD[0])
