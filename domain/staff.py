"""Staff and teams; partners are in `partner`."""

import re
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, named_values
from domain.errors import Invalid
from domain.identity import new_id
from domain.personal.normal_form import normal_form

_LOGIN = re.compile(r"\w[\w.@+-]{0,99}")


class Role(StrEnum):
    """Who asks. What each may see and do is decided on the access page (`auth/policy.py`), nowhere else."""

    REP = "REP"
    SUPPORT = "SUPPORT"
    MANAGER = "MANAGER"
    PRIVACY_OFFICER = "PRIVACY_OFFICER"
    ADMIN = "ADMIN"
    PARTNER = "PARTNER"

    @property
    def is_machine(self) -> bool:
        """Whether a partner's machine has this role; all others are those of members of staff."""
        return self is Role.PARTNER


class Team(Base):
    """A group of staff that shares a queue of tickets."""

    __tablename__ = "team"
    PREFIX: ClassVar[str] = "team"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class StaffMember(Base):
    """A person who works here and signs in."""

    __tablename__ = "staff_member"
    PREFIX: ClassVar[str] = "stf"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(named_values(Role))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    password_hash: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    """An Argon2id text (PHC). Read by signing in only; who has none does not sign in by password."""
    team: Mapped[Team | None] = relationship(lazy="raise")


def login_name(text: str) -> str:
    """A login as it is kept and compared: NFKC, case folded. Raises Invalid.

    1-100 characters: letters, digits and `_`, after the first one also `.`, `@`, `+`, `-`.
    """
    folded = normal_form(text).strip().casefold() if len(text) <= 200 else ""
    if not _LOGIN.fullmatch(folded):
        raise Invalid(
            "login",
            "登录名须为 1-100 个字母、数字或 . _ @ + -",
            "A login has 1 to 100 letters, digits and . _ @ + -",
        )
    return folded
