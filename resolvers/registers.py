"""The short registers that come with the product: tiers and purposes."""

from domain.purpose import Purpose
from domain.tier import Tier
from resolvers.reading.noun import Noun
from resolvers.reading.words import UP

TIERS = Noun("Tier", Tier, order="CODE", orders={"CODE": (("code", UP),)})
PURPOSES = Noun("Purpose", Purpose, order="CODE", orders={"CODE": (("code", UP),)})
