"""The schema, assembled and checked against the access page."""

from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from domain.purpose import LegalBasis
from resolvers.acts.register import ACTS
from resolvers.nouns import NOUNS
from schema.answering.entering import ENTRANCES
from schema.answering.planned import PassOn
from schema.answering.streaming import SUBSCRIPTIONS
from schema.arguments import check_arguments
from schema.bounds import set_bounds
from schema.customer import Customer
from schema.guard import check
from schema.in_url import check_declared
from schema.interaction import Interaction
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.staff import StaffMember, Team
from schema.subscription import Subscription
from schema.ticket import Ticket
from schema.tier import Tier


class ActGap(Exception):
    """A mutation that nothing does, or an act that nobody can ask for."""


class SubscriptionGap(Exception):
    """A field to subscribe to that nothing answers, or an answer that nobody can subscribe to."""


class Names(NameConverter):
    """Strawberry's names, but a connection is called as its noun says (`AccessLogConnection`)."""

    def from_generic(self, object_type: Any, types: list[Any]) -> str:
        made = super().from_generic(object_type, types)
        for noun in NOUNS.values():
            if noun.listed_as and made.removeprefix(noun.name) in {"Connection", "Edge"}:
                return noun.listed_as + made.removeprefix(noun.name)
        return made


def build() -> strawberry.Schema:
    """The schema. Raises `guard.PageGap` where the access page and the types do not agree; UndeclaredInUrl; ActGap;
    SubscriptionGap.
    """
    made = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Customer, Interaction, Ticket, StaffMember, Team, Tier, LegalBasis],
        config=StrawberryConfig(disable_field_suggestions=True, name_converter=Names(), scalar_map=SCALARS),
        execution_context_class=PassOn,
    )
    set_bounds(made._schema)
    check(made._schema)
    check_declared(made._schema)
    check_acts(made._schema)
    check_subscriptions(made._schema)
    check_arguments(made._schema)
    return made


def check_acts(schema: GraphQLSchema) -> None:
    """Raises ActGap where the mutations of the SDL and the acts that there are differ."""
    mutations = set(schema.mutation_type.fields) if schema.mutation_type else set()
    if gap := mutations ^ {*ACTS, *ENTRANCES}:
        raise ActGap(f"a mutation without an act, or an act without a mutation: {', '.join(sorted(gap))}")


def check_subscriptions(schema: GraphQLSchema) -> None:
    """Raises SubscriptionGap where the subscriptions of the SDL and what answers them differ."""
    fields = set(schema.subscription_type.fields) if schema.subscription_type else set()
    if gap := fields ^ SUBSCRIPTIONS.keys():
        raise SubscriptionGap(f"a subscription that nothing answers, or the reverse: {', '.join(sorted(gap))}")
