"""All nouns that plans are made of, by their name in the SDL."""

from domain.base import Base
from resolvers.access_log import ACCESS_LOG
from resolvers.customers import CHANGES, CUSTOMERS, TAGS
from resolvers.duplicates import DUPLICATES
from resolvers.interactions import INTERACTIONS
from resolvers.reading.noun import Noun
from resolvers.registers import PURPOSES, TIERS
from resolvers.service_desk import ROUTES, SETTINGS, TEAMS
from resolvers.staff import STAFF
from resolvers.tickets import STEPS, TICKETS

NOUNS: dict[str, Noun] = {
    noun.name: noun
    for noun in (
        CUSTOMERS,
        INTERACTIONS,
        TICKETS,
        STEPS,
        CHANGES,
        STAFF,
        TEAMS,
        ROUTES,
        SETTINGS,
        TIERS,
        TAGS,
        PURPOSES,
        ACCESS_LOG,
        DUPLICATES,
    )
}

BY_CONNECTION = {f"{noun.listed_as or noun.name}Connection": noun for noun in NOUNS.values()}

BY_PREFIX = {noun.model.PREFIX: noun for noun in NOUNS.values() if noun.model.PREFIX}


def noun_of(model: type[Base]) -> Noun:
    """The noun of a mapped class. Raises KeyError where there is none."""
    return _BY_MODEL[model]


_BY_MODEL = {noun.model: noun for noun in NOUNS.values()}
