"""No decision by role stands outside the access page."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
CODE = ("domain", "auth", "resolvers", "schema", "server")
ROLE = re.compile(r"\bRole\.[A-Z_]+\b")
NAMED_IN = {
    "auth/policy.py",  # decides
    "auth/access.py",  # gives the columns of the page their roles
    "domain/staff.py",  # says which role is a machine's
    "server/demo/house.py",  # makes up people
    "server/http/viewers.py",  # makes the viewer of a partner's token
}


def test_roles_are_named_on_the_page_and_where_people_are_made():
    found = {
        str(file.relative_to(CHECKOUT))
        for folder in CODE
        for file in (CHECKOUT / folder).rglob("*.py")
        if ROLE.search(file.read_text("utf-8"))
    }
    assert found <= NAMED_IN


def test_what_a_role_may_be_given_is_not_asked_of_the_domain():
    text = (CHECKOUT / "domain" / "staff.py").read_text("utf-8")
    assert ROLE.findall(text) == ["Role.PARTNER"]
