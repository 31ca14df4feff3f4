"""Where the executor meets the plans: a finished value passes through it as it is."""

from typing import Any

import strawberry
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Completed:
    """A finished, JSON-ready value: the executor passes it on as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class PassOn(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's execution, except that it does not look into what a plan has finished."""

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is Completed:
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


async def planned(info: strawberry.Info) -> Any:
    """The answer that a plan gives to this root field."""
    return Completed(await info.context.root(info.path.key))
