"""Customers, their tags and their history, as the planner sees them."""

from typing import Any

from sqlalchemy import ARRAY, Text, Uuid, any_, or_

from auth.access import some
from domain.customer import Customer
from domain.event import CUSTOMER_CHANGES, Event
from domain.staff import StaffMember
from domain.tag import Tag, tag_key
from domain.tier import TIERS
from domain.word import region, tag_name, word
from resolvers.reading.noun import Filter, Given, Noun, OrderKeys
from resolvers.reading.words import DOWN, UP, any_id, any_name, any_word, before, keys_of, missing, since


def _tier(row: Any, given: Given) -> Any:
    return row.tier_id == any_(given.bind(ARRAY(Uuid()), lambda codes: [TIERS[code][0] for code in codes]))


def _tag(row: Any, given: Given) -> Any:
    return some(row.tags, lambda tag: tag_key(tag) == any_(given.bind(ARRAY(Text()), keys_of(tag_name))))


def _search(row: Any, given: Given) -> Any:
    candidates = [row.name_buckets.contains(buckets) for buckets in given.bind_buckets()]
    return or_(*candidates, row.name_buckets.is_(None))


ORDERED = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "SCORE": "score_rank",
    "LAST_INTERACTION_AT": "last_interaction_rank",
}


def _orders() -> dict[str, OrderKeys]:
    return {
        f"{name} {direction}": ((attribute, down), ("id", down))
        for name, attribute in ORDERED.items()
        for direction, down in (("ASC", UP), ("DESC", DOWN))
    }


CUSTOMERS = Noun(
    "Customer",
    Customer,
    order="CREATED_AT DESC",
    orders=_orders(),
    ranks={"score_rank": "score", "last_interaction_rank": "last_interaction_at"},
    filters={
        "stage": Filter(("stage",), any_name("stage")),
        "tier": Filter(("tier",), _tier),
        "region": Filter(("region",), any_word("region", region)),
        "industry": Filter(("industry",), any_word("industry", word)),
        "owner_id": Filter(("owner",), any_id("owner_id", StaffMember.PREFIX)),
        "unassigned": Filter(("owner",), missing("owner_id")),
        "tag": Filter(("tags",), _tag),
        "search": Filter(("name",), _search, opened="name"),
        "created_from": Filter(("created_at",), since("created_at")),
        "created_to": Filter(("created_at",), before("created_at")),
    },
)

TAGS = Noun("Tag", Tag, order="NAME", orders={"NAME": (("name", UP),)})

CHANGES = Noun(
    "CustomerChange",
    Event,
    order="NEWEST",
    orders={"NEWEST": (("id", DOWN),)},
    labels={"before": "from", "after": "to"},
    only=lambda row: row.kind.in_(CUSTOMER_CHANGES),
)
