"""The stock mutation: ORM objects added to a session and committed."""

from datetime import UTC, datetime

import strawberry
from sqlalchemy import select
from strawberry import Info

from bench.stock_loading import Context
from bench.stock_schema import Interaction, own
from domain import tables
from domain.event import EventKind
from domain.identity import new_id, read_public_id
from schema.inputs import LogInteractionInput
from schema.payloads import UserError


@strawberry.type
class LogInteractionPayload:
    interaction: Interaction | None
    user_errors: list[UserError]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def log_interaction(
        self,
        info: Info[Context, None],
        input: LogInteractionInput,  # noqa: A002 - its name
    ) -> LogInteractionPayload:
        viewer, at, found = info.context.viewer, datetime.now(UTC), read_public_id(input.customer_id)
        async with info.context.sessions.begin() as session:
            wanted = select(tables.Customer).where(own(viewer), tables.Customer.id == (found and found[1]))
            customer = (await session.scalars(wanted.with_for_update(key_share=True))).one()
            made = tables.Interaction(
                id=new_id(),
                customer_id=customer.id,
                staff_id=viewer.id,
                channel=input.channel,
                direction=input.direction,
                occurred_at=input.occurred_at,
                created_at=at,
                summary_masked=input.summary,
            )
            customer.contacted(input.occurred_at)
            event = tables.Event(
                kind=EventKind.INTERACTION_LOGGED,
                at=at,
                customer_id=customer.id,
                interaction_id=made.id,
                actor_id=viewer.id,
            )
            audit = tables.AuditEntry(
                at=at,
                viewer_id=viewer.id,
                viewer_kind="stf",
                role=viewer.role,
                act="logInteraction",
                subject_kind="interaction",
                subject_id=made.id,
                outcome="DONE",
            )
            session.add_all([made, event, audit])
        return LogInteractionPayload(interaction=made, user_errors=[])  # type: ignore[arg-type]
