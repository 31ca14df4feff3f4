"""Wiring: settings, keys and a database become the application."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import blake2b

from starlette.applications import Starlette

from auth.door.session import ScopedSession, opened
from auth.entering.signing_in import SignIns
from auth.entering.tokens import TokenVerifier
from auth.free_text import prepare
from auth.sealing.cursors import CursorSealer
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Viewer
from resolvers.acting import Acts
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering.execution import Execution
from schema.build import build
from server.http.addresses import address_block
from server.http.app import create_app
from server.http.endpoint import GraphQLEndpoint
from server.http.replies import set_error_pages
from server.http.viewers import Viewers
from server.installation import Installation
from server.postgres.database import Database


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

    planner = Planner(Tools(unseal_one(ring), digests, CursorSealer(ring.cursor)), SPECIAL)
    acts = Acts(transaction, digests, settings.allowance)
    sign_ins = SignIns(database.sign_ins, ring, settings.terms, address_block)
    execution = Execution(
        build(), planner, database.lend, acts, sign_ins, open_introspection=settings.open_introspection
    )
    viewers = Viewers(TokenVerifier(ring, settings.issuer, settings.audience), database.token_checks, ring)
    endpoint = GraphQLEndpoint(
        viewers.verify,
        execution.answer,
        settings.max_body_bytes,
        answer_by_url=execution.answer_by_url,
        enter=execution.enter,
        log_key=blake2b(b"operation", key=ring.gram[0].secret, digest_size=32).digest(),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await database.close()

    prepare()
    set_error_pages(settings.docs_url)
    app = create_app(
        endpoint,
        database.migrated,
        lifespan,
        settings.trusted_proxies,
        allowed_origins=settings.allowed_origins,
        requests_per_client=settings.connections_per_address,
    )
    app.state.streams = endpoint.streams  # whoever stops the server ends them
    app.state.sign_in_counts = sign_ins.counts
    return app
