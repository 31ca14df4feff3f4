"""Ways in which staff and customers speak with each other (S42)."""

from enum import StrEnum


class Channel(StrEnum):
    """The way of one conversation, or the way a customer prefers (S3)."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    SMS = "SMS"
    WECHAT = "WECHAT"
    VISIT = "VISIT"
    LIVE_CHAT = "LIVE_CHAT"
    SOCIAL = "SOCIAL"
    EVENT = "EVENT"
    SURVEY = "SURVEY"
    OTHER = "OTHER"


class Direction(StrEnum):
    """Who began: the customer (inbound) or the house (outbound)."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"
