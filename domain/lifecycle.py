"""The life cycle of a customer (S17)."""

from enum import StrEnum


class LifecycleStage(StrEnum):
    """潜在期、认知期、购买期、忠诚期、流失期 (S17)."""

    POTENTIAL = "POTENTIAL"
    AWARENESS = "AWARENESS"
    PURCHASE = "PURCHASE"
    LOYALTY = "LOYALTY"
    CHURN = "CHURN"


STAGES = list(LifecycleStage)
"""In the order in which a customer moves forward."""


def needs_reason(before: LifecycleStage | None, after: LifecycleStage) -> bool:
    """Whether a move is asked why: going back, churn and win-back are; forward is at will (S17)."""
    if LifecycleStage.CHURN in {before, after}:
        return True
    return before is not None and STAGES.index(after) < STAGES.index(before)
