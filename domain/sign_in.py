"""What signing in leaves behind: the refresh tokens of a session, and the attempts that its throttle counts."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.identity import new_id

GRACE = timedelta(minutes=15)
"""How long a used refresh token is answered with the same successor again, while nobody has used that: the answer may
have been lost on its way, and a phone may be without a network for some minutes."""


class RefreshSession(Base):
    """One refresh token, as a keyed digest. All that came of one sign-in are a family; at most one of it is unused.

    `expires_at` is the end of the time in which nobody may leave it unused.
    """

    __tablename__ = "refresh_session"
    __table_args__ = (Index(None, "family_id"), Index(None, "staff_id"), Index(None, "expires_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    family_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_member.id"))
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]

    @classmethod
    def begun(
        cls, staff_id: UUID, digest: bytes, device: str | None, at: datetime, idle: timedelta
    ) -> "RefreshSession":
        """The first token of a new family."""
        id_ = new_id()
        return cls(
            id=id_,
            family_id=id_,
            staff_id=staff_id,
            token_digest=digest,
            device=device,
            created_at=at,
            expires_at=at + idle,
        )

    def rotate(self, digest: bytes, at: datetime, idle: timedelta) -> "RefreshSession":
        """The token's successor; the token itself is used from now on."""
        after = RefreshSession.begun(self.staff_id, digest, self.device, at, idle)
        after.family_id = self.family_id
        self.used_at, self.successor_id = at, after.id
        return after

    def revoke(self, at: datetime) -> None:
        """Ends it for good. When it was ended before, that stays as it is."""
        self.revoked_at = self.revoked_at or at

    def is_over(self, at: datetime) -> bool:
        """Whether it was revoked, or left alone for too long."""
        return self.revoked_at is not None or at >= self.expires_at

    def was_just_used(self, at: datetime) -> bool:
        """Whether a second use may be the repetition of a request whose answer was lost."""
        return self.used_at is not None and at <= self.used_at + GRACE


class SignInAttempt(Base):
    """One attempt to sign in that did not succeed, or has not yet. Whose login it was and from where it came are keyed
    digests: both may be anybody's.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "login_digest", "source_digest", "at"), Index(None, "at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login_digest: Mapped[bytes] = mapped_column(LargeBinary)
    source_digest: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
