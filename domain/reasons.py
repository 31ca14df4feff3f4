"""Reasons: what somebody writes about why they did something."""

from domain.errors import Invalid
from domain.personal import free_text


def required_reason(given: str) -> str:
    """A reason, checked. Raises Invalid."""
    if not given.strip():
        raise Invalid("reason", "请说明原因", "Give a reason")
    return free_text(given, field="reason")
