"""What clients may read of the GraphQL library's own messages.

The library quotes refused values and guesses at names. A value may be personal data (R36) and a guess tells what the
schema hides, so only wording that is known to hold neither passes: names written in the document, types, positions.
Wording nobody listed is replaced.
"""

import re
from collections.abc import Sequence

from graphql import GraphQLError, ObjectFieldNode, ValueNode, VariableNode

_TYPE = r"'[\w!\[\]]+'"
# A field that the type does not have is named where its name is of letters alone: keys of a client may be values.
_UNKNOWN_FIELD = rf"Expected value of type {_TYPE} not to include unknown field(?: '[A-Za-z_]{{1,40}}'(?=[.,]|$))?"
_KNOWN_REFUSALS = re.compile(
    rf"Expected a value of non-null type {_TYPE} to be provided"
    rf"|Expected value of type {_TYPE} to include required field '\w+'"
    rf"|{_UNKNOWN_FIELD}"
    rf"|Expected value of type {_TYPE} to be an object"
    rf"|Expected value of (?:non-null )?type {_TYPE}(?: not to be None)?"
    rf"|Expected variable '\$\w+' provided to (?:non-null )?type {_TYPE} (?:not to be None|to provide a runtime value)"
    rf"|Within OneOf Input Object type {_TYPE}, exactly one field must be specified"
    r"|(?:Int|Float|String|Boolean|ID|Enum '\w+') cannot represent(?: a)?(?: non[a-z0-9 -]*)? value"
)
_NAMED_FIELD = re.compile(
    rf"Expected value of type {_TYPE} not to include unknown field '([A-Za-z_]{{1,40}})'(?=[.,]|$)"
)
_NAMED = r"'([\w!\[\]]+)'"
_CHINESE = [
    (re.compile(form), chinese)
    for form, chinese in (
        (rf"Expected a value of non-null type {_NAMED}", r"必须提供，类型为 \1"),
        (rf"Expected value of type {_NAMED} to include required field '(\w+)'", r"（类型 \1）缺少必填字段 \2"),
        (rf"Expected value of type {_NAMED} not to include unknown field '(\w+)'", r"（类型 \1）没有字段 \2"),
        (rf"Expected value of type {_NAMED} not to include unknown field", r"（类型 \1）含有未知字段"),
        (rf"Expected value of type {_NAMED} to be an object", r"应为对象，类型为 \1"),
        (rf"Expected value of (?:non-null )?type {_NAMED} not to be None", r"不能为 null，类型为 \1"),
        (rf"Expected value of (?:non-null )?type {_NAMED}", r"应为类型 \1 的值"),
        (rf"Expected variable '(\$\w+)' provided to (?:non-null )?type {_NAMED}", r"所用变量 \1 不能为空，类型为 \2"),
        (rf"Within OneOf Input Object type {_NAMED}", r"（类型 \1）须且只能填一个字段"),
        (r"Int cannot represent non 32-bit", "超出 Int（32 位整数）的范围"),
        (r"(Int|Float|String|Boolean|ID) cannot", r"应为 \1 类型的值"),
        (rf"Enum {_NAMED} cannot", r"应为枚举 \1 的值"),
    )
]
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


def unknown_field(message: str) -> str | None:
    """The name of the field that a value should not have, where it may be told."""
    found = _NAMED_FIELD.match(message)
    return found[1] if found else None


def syntax_error(error: GraphQLError) -> str:
    """What the parser met, by kind, not by text: the error's location says where."""
    met = _SYNTAX.search(error.message)
    return f"语法错误 / Syntax error: {met[0]}." if met else "语法错误 / Syntax error."


def concerns_variable(error: GraphQLError) -> bool:
    """Whether the message tells of a variable or argument whose value could not be coerced."""
    return _PLACE.match(error.message) is not None


def invalid_variable(error: GraphQLError, told: str | None = None) -> str:
    """The variable or argument, the path inside it and the type expected, never what was sent.

    `told` is what a scalar of ours said about the value, in both languages, where it refused it on purpose.
    """
    place = _PLACE.match(error.message)
    if place is None:
        return invalid_value(error.message)
    chinese, english = _refusal(error.message[place.end() :])
    if told:
        chinese, _, english = told.partition(" / ")
    else:
        english += "."
    named = place[1].replace("Variable", "变量").replace("Argument", "参数").replace("'", "")
    inside = place[2].removeprefix(" at ")
    at = f" 的 {inside.removeprefix('.')} " if inside else " "
    return f"值无效：{named}{at}{chinese} / {place[1]}{place[2]} has an invalid value: {english}"


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
        return invalid_value(error.message, (error.extensions or {}).get("inputPath", ()))
    return "查询无效 / " + _SUGGESTION.sub("", error.message)


def invalid_value(message: str, path: Sequence[str | int] = ()) -> str:
    """A refused literal: where it stands and the type expected, never what was written."""
    chinese, english = _refusal(message)
    at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    if not at:
        return f"值无效：{chinese} / Invalid value: {english}."
    return f"值无效：{at} {chinese} / Invalid value at {at}: {english}."


def _refusal(message: str) -> tuple[str, str]:
    """What was expected, in Chinese and English."""
    if enum := _ENUM_REFUSAL.match(message):
        return f"不是枚举 {enum[1].strip(chr(39))} 的值", f"it does not exist in the enum {enum[1]}"
    known = _KNOWN_REFUSALS.match(message)
    if known is None:
        return "不符合其类型要求的形式", "it does not have the form its type asks for"
    return _in_chinese(known[0]), known[0]


def _in_chinese(english: str) -> str:
    return next(found.expand(chinese) for form, chinese in _CHINESE if (found := form.match(english)))
