"""What clients may read of the GraphQL library's own messages.

The library quotes refused values and guesses at names. A value may be personal data (R36) and a guess tells what the
schema hides, so only wording that is known to hold neither passes: names written in the document, types, positions.
Wording nobody listed is replaced.
"""

import re

from graphql import GraphQLError, ObjectFieldNode, ValueNode, VariableNode

_TYPE = r"'[\w!\[\]]+'"
_KNOWN_REFUSALS = re.compile(
    rf"Expected a value of non-null type {_TYPE} to be provided"
    rf"|Expected value of type {_TYPE} to include required field '\w+'"
    rf"|Expected value of type {_TYPE} not to include unknown field"
    rf"|Expected value of type {_TYPE} to be an object"
    rf"|Expected value of (?:non-null )?type {_TYPE}(?: not to be None)?"
    rf"|Expected variable '\$\w+' provided to (?:non-null )?type {_TYPE} (?:not to be None|to provide a runtime value)"
    rf"|Within OneOf Input Object type {_TYPE}, exactly one field must be specified"
    r"|(?:Int|Float|String|Boolean|ID|Enum '\w+') cannot represent(?: a)?(?: non[a-z0-9 -]*)? value"
)
_ENUM_REFUSAL = re.compile(r"Value .* does not exist in ('\w+') enum\.(?: Did you mean [^?]*\?)?$", re.DOTALL)
_PLACE = re.compile(r"(Variable '\$\w+'|Argument '\w+') has invalid (?:default )?value((?:\.\w+|\[\d+\]| at )*): ")
_SYNTAX = re.compile(
    r"Expected (?:[A-Z]\w+|'[^\w\s]{1,3}'|'[a-z]+'|<EOF>), found (?:[A-Z]\w+|'[^\w\s]{1,3}'|<EOF>)"
    r"|Unexpected (?:Int|Float|String|BlockString|Name|<EOF>|'[^\w\s]{1,3}'|character|description|variable)"
    r"|Invalid number|Invalid character within String|Invalid (?:Unicode|character) escape sequence"
    r"|Unterminated string|Document is nested too deeply"
)
_KNOWN_REQUEST_ERRORS = re.compile(
    r"Must provide operation name if query contains multiple operations|Must provide an operation"
    r"|Variable values are nested too deeply"
    r"|Too many errors processing variables|Too many validation errors|Validation aborted"
)
_SUGGESTION = re.compile(r",? ?[Dd]id you mean .*$", re.DOTALL)


def syntax_error(error: GraphQLError) -> str:
    """What the parser met, by kind, not by text: the error's location says where."""
    met = _SYNTAX.search(error.message)
    return f"语法错误 / Syntax error: {met[0]}." if met else "语法错误 / Syntax error."


def concerns_variable(error: GraphQLError) -> bool:
    """Whether the message tells of a variable or argument whose value could not be coerced."""
    return _PLACE.match(error.message) is not None


def invalid_variable(error: GraphQLError, told: str | None = None) -> str:
    """The variable or argument, the path inside it and the type expected, never what was sent.

    `told` is what a scalar of ours said about the value, where it refused it on purpose.
    """
    place = _PLACE.match(error.message)
    if place is None:
        return invalid_value(error.message)
    where = f"{place[1]}{place[2]}"
    return f"值无效 / {where} has an invalid value: {told or _refusal(error.message[place.end() :]) + '.'}"


def validation_error(error: GraphQLError) -> str:
    """A broken rule of the specification in the library's words, without values and without guesses."""
    if not error.nodes:
        if error.message.startswith("Unknown operation named"):
            return "请求无效 / The document has no operation of the name in operationName."
        known = _KNOWN_REQUEST_ERRORS.match(error.message)
        return f"请求无效 / {known[0]}." if known else "请求无效 / The request is not valid."
    if any(
        isinstance(node, ValueNode | ObjectFieldNode) and not isinstance(node, VariableNode) for node in error.nodes
    ):
        return invalid_value(error.message)
    return "查询无效 / " + _SUGGESTION.sub("", error.message)


def invalid_value(message: str) -> str:
    """A refused literal: the type expected, never what was written."""
    return f"值无效 / Invalid value: {_refusal(message)}."


def _refusal(message: str) -> str:
    if enum := _ENUM_REFUSAL.match(message):
        return f"it does not exist in the enum {enum[1]}"
    known = _KNOWN_REFUSALS.match(message)
    return known[0] if known else "it does not have the form its type asks for"
