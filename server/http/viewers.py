"""From an access token to who asks: the signature proves the subject, the database what they are today."""

import time
from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

from auth.door.desks import Desks
from auth.door.session import opened
from auth.entering.tokens import BadToken, Claims, TokenVerifier, check_size
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.viewer import Grant, Viewer
from domain.identity import read_public_id
from domain.partner import Partner
from domain.staff import Role, StaffMember

REMEMBERED_SECONDS = 30.0
"""How long somebody who was deactivated may still be answered."""

MOST_REMEMBERED = 10_000


class Viewers:
    """Verifies tokens, and remembers by digest whom they stand for: 30 s at most, and never past a token's end."""

    def __init__(self, verifier: TokenVerifier, desks: Desks, ring: KeyRing) -> None:
        self._verifier, self._desks, self._ring = verifier, desks, ring
        self._remembered: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()

    async def verify(self, token: str) -> Viewer:
        """Who asks. Raises BadToken for a token that fails a check, and for a subject who is unknown or inactive."""
        check_size(token)
        digest = blake2b(token.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        known = self._remembered.get(digest)
        if known and time.time() < known[1]:
            return known[0]
        claims = self._verifier.verify(token)
        viewer = await self._load(claims)
        self._remember(digest, viewer, min(time.time() + REMEMBERED_SECONDS, claims.expires_at.timestamp()))
        return viewer

    def _remember(self, digest: bytes, viewer: Viewer, until: float) -> None:
        self._remembered[digest] = viewer, until
        self._remembered.move_to_end(digest)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _load(self, claims: Claims) -> Viewer:
        subject = read_public_id(claims.subject)
        if subject is None:
            raise BadToken("sub")
        prefix, id_ = subject
        return await (self._staff(id_) if prefix == StaffMember.PREFIX else self._partner(id_, claims))

    async def _staff(self, id_: UUID) -> Viewer:
        async with opened(self._desks, SystemViewer(Job.SIGN_IN), self._ring) as session:
            row = await session.get(StaffMember, id_)
        if row is None or not row.active or row.role.is_machine:
            raise BadToken("sub")
        return Viewer(id=row.id, role=row.role, name=row.name, team_id=row.team_id)

    async def _partner(self, id_: UUID, claims: Claims) -> Viewer:
        async with opened(self._desks, SystemViewer(Job.SIGN_IN), self._ring) as session:
            row = await session.get(Partner, id_)
        if row is None or not row.under_contract(datetime.now(UTC)):
            raise BadToken("sub")
        grants = frozenset(grant for grant in Grant if grant.value in claims.grants and grant.value in row.grants)
        return Viewer(id=row.id, role=Role.PARTNER, name=row.name, grants=grants)
