"""Binding a Strawberry type to the access page, whose decisions are printed in the SDL and never written there."""

from collections.abc import Callable, Mapping
from copy import copy
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry import UNSET
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from auth.access import Column, Granted, Seen, Sight, Varying
from auth.policy import PAGE
from domain.base import Base
from domain.staff import Role

T = TypeVar("T")
E = TypeVar("E", bound=type[Enum])

BOUND: dict[str, type[Base]] = {}
"""SDL types that the access page decides, with their mapped classes."""


def described(kind: E, about: str, *, name: str | None = None, **values: str) -> E:
    """Makes a domain enum a GraphQL enum. Raises ValueError unless every value is described."""
    strawberry.enum(kind, name=name, description=about)
    definition: StrawberryEnumDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    if {value.name for value in definition.values} != set(values):
        raise ValueError(f"Describe every value of {kind.__name__}")
    for value in definition.values:
        value.description = values[value.name]
    return kind


described(
    Role,
    "谁在提问。Who asks; decides rows, fields and acts.",
    REP="销售：只见自己负责的客户。Sales rep: own customers only.",
    SUPPORT="客服：只见本组与本人的工单及其客户。Agent: tickets of their team and own, and their customers.",
    MANAGER="经理：见全部客户。Manager: all customers.",
    PRIVACY_OFFICER="个人信息保护负责人：见访问日志。Privacy officer: the access log.",
    ADMIN="管理员：管理员工，不见客户个人信息。Administrator: staff, no customers.",
    PARTNER="合作方系统：仅见经个人单独同意且令牌授权的内容。A partner's machine: what consent and grants allow.",
)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="谁能看到该字段。Who sees the field, from the access page: roles that see it clear, masked, or "
    "either from row to row; the grant a PARTNER's token needs besides. Others get null (PersonalText: sight HIDDEN).",
)
class Access:
    """The page's line for one field, as the SDL prints it."""

    clear: list[Role] | None = UNSET
    masked: list[Role] | None = UNSET
    varying: list[Role] | None = UNSET
    grant: str | None = UNSET


def reads(model: type[Base]) -> Callable[[type[T]], type[T]]:
    """Binds a type to its mapped class and gives each field of the page its `@access` directive."""

    def bind(cls: type[T]) -> type[T]:
        definition: StrawberryObjectDefinition = cls.__strawberry_definition__  # type: ignore[attr-defined]
        BOUND[definition.name] = model
        definition.fields = [_with_access(field, PAGE[model].fields) for field in definition.fields]
        return cls

    return bind


def _with_access(field: StrawberryField, lines: Mapping[str, Column[Seen]]) -> StrawberryField:
    if field.python_name not in lines:
        return field
    own = copy(field)
    own.directives = [*field.directives, _printed(lines[field.python_name])]
    return own


def _printed(line: Column[Seen]) -> Access:
    seen = {role: _plain(cell) for role, cell in line.items()}
    grants = [cell.grant.value for cell in line.values() if isinstance(cell, Granted)]

    def roles(kind: object) -> list[Role] | None:
        return [role for role, sight in seen.items() if sight == kind] or UNSET

    return Access(
        clear=roles(Sight.CLEAR),
        masked=roles(Sight.MASKED),
        varying=roles("VARYING"),
        grant=grants[0] if grants else UNSET,
    )


def _plain(cell: Seen) -> Sight | str:
    while isinstance(cell, Granted):
        cell = cell.then
    return "VARYING" if isinstance(cell, Varying) else cell
