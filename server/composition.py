"""Wiring: settings, keys and a database become the application."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import blake2b

from starlette.applications import Starlette

from auth.sealing import CursorSigner, Digests, unseal_one
from auth.session import ScopedSession, opened
from auth.signing_in import SignIns
from auth.tokens import TokenVerifier
from auth.viewer import Viewer
from resolvers.acting import Acts
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.build import build
from schema.execution import Execution
from server.app import create_app
from server.database import Database
from server.endpoint import GraphQLEndpoint
from server.installation import Installation
from server.viewers import Viewers


def application(installation: Installation) -> Starlette:
    """The application on this installation; it opens connections when asked and closes them when it ends."""
    settings, ring = installation.settings, installation.ring
    database = Database(
        installation.url,
        reading_connections=settings.reading_connections,
        statement_timeout_ms=settings.statement_timeout_ms,
        prepare_acts=settings.prepare_acts,
    )
    digests = Digests(ring)

    def transaction(viewer: Viewer) -> AbstractAsyncContextManager[ScopedSession]:
        return opened(database.desks, viewer, ring)

    planner = Planner(Tools(unseal_one(ring), digests, CursorSigner(ring.cursor)), SPECIAL)
    acts, sign_ins = Acts(transaction, digests, settings.allowance), SignIns(database.desks, ring, settings.terms)
    execution = Execution(build(), planner, database.lend, acts, sign_ins)
    viewers = Viewers(TokenVerifier(ring, settings.issuer, settings.audience), database.desks, ring)
    endpoint = GraphQLEndpoint(
        viewers.verify,
        execution.answer,
        settings.max_body_bytes,
        follow=execution.follow,
        log_key=blake2b(b"operation", key=ring.gram[:64], digest_size=32).digest(),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await database.close()

    app = create_app(endpoint, database.migrated, lifespan)
    app.state.streams = endpoint.streams  # whoever stops the server ends them
    return app
