"""What clients and logs see of errors: codes, places, types; never a value, never a guess at a name."""

# ruff: noqa: E501 - tables

import json
import re
from collections.abc import Mapping

import psycopg
import pytest
import structlog
from graphql import (
    GraphQLError,
    GraphQLScalarType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from domain.errors import Invalid, NotFound
from resolvers.errors import Refused
from schema.answering.errors import ErrorKind, Several, formatted
from schema.answering.limits import parse_document
from schema.answering.preparing import RULES
from schema.answering.selecting import Operation

PHONE = "13800138000"
NAME = "zhangsan88"

SCHEMA = build_schema(
    "enum Stage { LEAD WON } scalar Phone "
    "input Address { city: String! zip: Int } "
    "input Customer { stage: Stage address: Address others: [Address!] phone: Phone } "
    "input OneWay @oneOf { phone: String wechat: String } "
    "type Query { find(text: String, count: Int, ok: Boolean, rate: Float, id: ID, stage: Stage, phone: Phone,"
    "  customer: Customer, way: OneWay): String  must(count: Int!): String!  number: Int }"
)


def read_phone(value: object) -> str:
    if value == "own":
        raise Invalid("phone", "手机号应为 11 位", "A mobile number has 11 digits")
    raise ValueError(f"{value} is not a phone number")


phone = SCHEMA.type_map["Phone"]
assert isinstance(phone, GraphQLScalarType)
phone.parse_value = phone.coerce_input_value = read_phone


class Root:
    """Resolvers that fail with the exception they are given."""

    def __init__(self, failure: Exception | None = None, number: object = None) -> None:
        self.failure = failure
        self.number = number

    def find(self, _info: object, **_arguments: object) -> str:
        if self.failure:
            raise self.failure
        return "found"

    must = find


def told(document: str, variables: Mapping[str, object] | None = None, root: Root | None = None) -> list[dict]:
    """All errors of the document as the client reads them."""
    try:
        tree = parse_document(document)
    except GraphQLError as error:
        return [formatted(error)]
    errors = validate(SCHEMA, tree, RULES)
    if not errors:
        result = execute_sync(SCHEMA, tree, root or Root(), variable_values=dict(variables or {}))
        errors = result.errors or []
    return [formatted(error) for error in errors]


LITERALS = [
    f"{{ find(count: {PHONE}) }}",
    f'{{ find(count: "{PHONE}") }}',
    f"{{ find(text: {PHONE}) }}",
    f"{{ find(text: {NAME}) }}",
    f'{{ find(text: ["{PHONE}"]) }}',
    f'{{ find(ok: "{PHONE}") }}',
    f'{{ find(rate: "{PHONE}") }}',
    f'{{ find(id: {{ a: "{PHONE}" }}) }}',
    f"{{ find(stage: {NAME}) }}",
    f'{{ find(stage: "{PHONE}") }}',
    f'{{ find(phone: "{PHONE}") }}',
    f'{{ find(customer: "{PHONE}") }}',
    f"{{ find(customer: {{ address: {{ zip: {PHONE} }} }}) }}",
    f'{{ find(customer: {{ adress: "{PHONE}" }}) }}',
    f'{{ find(way: {{ phone: "{PHONE}", wechat: "{NAME}" }}) }}',
    f'query ($c: Int = "{PHONE}") {{ find(count: $c) }}',
    f'{{ find @include(if: "{PHONE}") }}',
]


@pytest.mark.parametrize("document", LITERALS)
def test_a_refused_literal_is_not_echoed(document: str) -> None:
    errors = told(document)
    assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
    text = json.dumps(errors, ensure_ascii=False)
    assert PHONE not in text
    assert NAME not in text
    assert "值无效：" in text


CHARACTERS = [
    f"{PHONE} {{ find }}",
    f"{{ find(text: {PHONE}号) }}",
    f'{{ find "{PHONE}" }}',
    f'{{ find(text: "{PHONE}\n") }}',
    f'"{PHONE}" "{PHONE}" {{ find }}',
    f'{{ find """{PHONE} \' " found Name""" }}',
    f"{NAME} {{ find }}",
    "{ find(text: 张三) }",
    f"query ($c: Int = ${NAME}) {{ find(count: $c) }}",
    f"{{ find(count: 0{PHONE}) }}",
    f'{{ find(text: "\\u{{{PHONE}}}") }}',
]


@pytest.mark.parametrize("document", CHARACTERS)
def test_a_syntax_error_tells_place_and_kind_but_not_the_text(document: str) -> None:
    [error] = told(document)
    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert error["locations"]
    assert error["message"].startswith("语法错误 / Syntax error: ")
    assert PHONE not in error["message"]
    assert NAME not in error["message"]
    assert "张" not in error["message"]


FALSE_ENUM = f"x' does not exist in '{PHONE}' enum. Did you mean '{PHONE}'?"
VARIABLES = [
    ("Int", PHONE, "'$v' has an invalid value: Int cannot represent non-integer value."),
    ("Int", 13800138000, "'$v' has an invalid value: Int cannot represent non 32-bit signed integer value."),
    ("String", [PHONE], "'$v' has an invalid value: String cannot represent a non string value."),
    ("ID", 1.5, "'$v' has an invalid value: ID cannot represent value."),
    ("Boolean", PHONE, "'$v' has an invalid value: Boolean cannot represent a non boolean value."),
    ("Int!", None, "'$v' has an invalid value: Expected value of non-null type 'Int!' not to be None."),
    ("Stage", FALSE_ENUM, "'$v' has an invalid value: it does not exist in the enum 'Stage'."),
    ("Stage", "LEED", "'$v' has an invalid value: it does not exist in the enum 'Stage'."),
    ("Customer", PHONE, "'$v' has an invalid value: Expected value of type 'Customer' to be an object."),
    (
        "Customer",
        {PHONE: 1},
        "'$v' has an invalid value: Expected value of type 'Customer' not to include unknown field.",
    ),
    (
        "Customer",
        {"adress": PHONE},
        "'$v' has an invalid value: Expected value of type 'Customer' not to include unknown field 'adress'.",
    ),
    (
        "Customer",
        {"address": {"zip": PHONE, "city": "x"}},
        "'$v' at .address.zip has an invalid value: Int cannot represent non-integer value.",
    ),
    (
        "Customer",
        {"others": [{"city": "x"}, {"zip": 1}]},
        "'$v' at .others[1] has an invalid value: Expected value of type 'Address' to include required field 'city'.",
    ),
    (
        "OneWay",
        {"phone": PHONE, "wechat": NAME},
        "'$v' has an invalid value: Within OneOf Input Object type 'OneWay', exactly one field must be specified.",
    ),
    ("Phone", PHONE, "'$v' has an invalid value: Expected value of type 'Phone'."),
    ("Phone", "own", "'$v' has an invalid value: A mobile number has 11 digits"),
]


@pytest.mark.parametrize(("type_", "value", "message"), VARIABLES, ids=lambda v: str(v)[:24])
def test_a_refused_variable_is_named_by_path_and_type_alone(type_: str, value: object, message: str) -> None:
    argument = {"Int": "count", "String": "text", "ID": "id", "Boolean": "ok", "OneWay": "way"}
    name = argument.get(type_.rstrip("!"), type_.lower())
    [error] = told(f"query ($v: {type_}) {{ find({name}: $v) }}", {"v": value})
    chinese, _, english = error["message"].partition(" / ")
    assert english == f"Variable {message}"
    assert re.match(r"值无效：变量 \$v (的 \S+ )?\S*[\u4e00-\u9fff]", chinese)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


PLACED = [
    ("$c: Customer", {"c": {"address": {"city": "x", "zip": PHONE}}}, ["c", "address", "zip"], "的 address.zip 应为 Int"),
    ("$c: Customer", {"c": {"others": [{"city": "x"}, {"zip": 1}]}}, ["c", "others", 1], "的 others[1] （类型 Address）缺少"),
    ("$c: Customer", {"c": {"stage": "LEED"}}, ["c", "stage"], "的 stage 不是枚举 Stage 的值"),
    ("$c: Customer", {"c": {PHONE: 1}}, ["c"], "（类型 Customer）含有未知字段"),
    ("$c: Customer", {"c": {"address": {"city": "x", "zipcode": PHONE}}}, ["c", "address", "zipcode"], "（类型 Address）没有字段 zipcode"),
    ("$c: Customer!", {}, ["c"], "必须提供，类型为 Customer!"),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "given", "path", "chinese"), PLACED, ids=lambda v: str(v)[:30])
def test_a_refused_variable_has_its_path_in_the_extensions_and_in_both_languages(
    variable: str, given: dict, path: list, chinese: str
) -> None:
    tree = parse_document(f"query ({variable}) {{ find(customer: $c) }}")
    with pytest.raises(Several) as several:
        Operation(SCHEMA, tree, None).coerced(given)
    [error] = map(formatted, several.value.errors)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "inputPath": path}
    assert chinese in error["message"].partition(" / ")[0]
    assert PHONE not in json.dumps(error, ensure_ascii=False)


LITERAL_PATHS = [
    (f'{{ find(customer: {{ others: [{{ city: "x" }}, {{ city: "x", zip: "{PHONE}" }}] }}) }}', ["customer", "others", 1, "zip"]),
    (f"{{ find(customer: {{ address: {{ city: {PHONE} }} }}) }}", ["customer", "address", "city"]),
    ("{ find(stage: LEED) }", ["stage"]),
    ("{ find(customer: { address: { zip: 1 } }) }", ["customer", "address"]),
    (f"{{ find(customer: {{ address: {{ x{PHONE}: 1 }} }}) }}", ["customer", "address"]),
    ("{ find(customer: { adress: 1 }) }", ["customer", "adress"]),
    (f'query ($c: Int = "{PHONE}") {{ find(count: $c) }}', ["c"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path"), LITERAL_PATHS)
def test_a_refused_literal_has_its_path_in_the_extensions(document: str, path: list) -> None:
    [error] = told(document)
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED", "inputPath": path}
    chinese, _, english = error["message"].partition(" / ")
    named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
    assert f"：{named} " in chinese
    assert f" at {named}: " in english


GUESSES = [
    ("{ fnd }", "查询无效 / Cannot query field 'fnd' on type 'Query'."),
    ("{ find(txt: 1) }", "查询无效 / Unknown argument 'txt' on field 'Query.find'."),
    ("query ($a: Custmer) { find(customer: $a) }", "查询无效 / Unknown type 'Custmer'."),
    ("{ find @inclde(if: true) }", "查询无效 / Unknown directive '@inclde'."),
    (
        "query ($v: Int) { find(text: $v) }",
        "查询无效 / Variable '$v' of type 'Int' used in position expecting type 'String'.",
    ),
    (
        "{ find(stage: LEED) }",
        "值无效：stage 不是枚举 Stage 的值 / Invalid value at stage: it does not exist in the enum 'Stage'.",
    ),
]


@pytest.mark.parametrize(("document", "message"), GUESSES)
def test_a_broken_rule_is_told_in_plain_words_without_guessing_at_names(document: str, message: str) -> None:
    [error] = told(document)
    assert error["message"] == message
    assert error["locations"]


def test_a_refusal_made_on_purpose_passes_with_its_place() -> None:
    refusal = Refused("BAD_CURSOR", "游标无效", "The cursor is not valid", {"argument": "after"})
    assert told("{ a: find }", root=Root(refusal)) == [
        {
            "message": "游标无效 / The cursor is not valid",
            "locations": [{"line": 1, "column": 3}],
            "path": ["a"],
            "extensions": {"argument": "after", "code": "BAD_CURSOR"},
        }
    ]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (NotFound("id", "无此客户", "No such customer"), "NOT_FOUND"),
        (Invalid("phone", "格式错误", "Malformed"), "BAD_USER_INPUT"),
        (GraphQLError("不可 / You may not", extensions={"code": "FORBIDDEN", "act": "transfer"}), "FORBIDDEN"),
    ],
)
def test_errors_of_the_business_and_of_ours_keep_their_words(failure: Exception, code: str) -> None:
    [error] = told("{ find }", root=Root(failure))
    assert error["message"] == getattr(failure, "message", None)
    assert error["extensions"]["code"] == code


class DriverLikeError(psycopg.errors.UniqueViolation):
    def __str__(self) -> str:
        return f"Key (phone)=({PHONE}) already exists."


class ForeignError(Exception):
    code = PHONE
    message = f"refused {PHONE}"


SURPRISES = [
    DriverLikeError(),
    ForeignError(),
    ValueError(PHONE),
    GraphQLError(PHONE),
    GraphQLError(PHONE, extensions={"code": PHONE}),
]


@pytest.mark.parametrize("failure", SURPRISES, ids=lambda f: type(f).__name__)
def test_a_surprise_reaches_the_client_as_an_id_and_the_log_without_its_text(failure: Exception) -> None:
    with structlog.testing.capture_logs() as lines:
        [error] = told("{ find }", root=Root(failure))
    assert error["message"] == "内部错误 / Internal error"
    assert error["extensions"] == {"code": "INTERNAL", "id": lines[0]["id"]}
    assert error["path"] == ["find"]
    assert lines[0]["errors"][0]["type"].endswith(type(failure).__name__)
    assert PHONE not in repr(lines)


def test_the_log_of_a_database_error_keeps_its_sqlstate() -> None:
    with structlog.testing.capture_logs() as lines:
        told("{ find }", root=Root(DriverLikeError()))
    assert lines[0]["errors"][0]["sqlstate"] == "23505"


def test_a_stored_value_of_the_wrong_type_is_not_echoed() -> None:
    with structlog.testing.capture_logs() as lines:
        [error] = told("{ number }", root=Root(number=PHONE))
    assert error["extensions"]["code"] == "INTERNAL"
    assert PHONE not in json.dumps(error) + repr(lines)


def test_an_argument_that_fails_while_executing_is_bad_input_and_not_a_surprise() -> None:
    [error] = told("query ($v: Int = 3) { must(count: $v) }", {"v": None})
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


def test_an_unknown_operation_name_is_not_echoed() -> None:
    result = execute_sync(SCHEMA, parse("{ find }"), Root(), operation_name=PHONE)
    assert [formatted(error) for error in result.errors or []] == [
        {
            "message": "请求无效 / The document has no operation of the name in operationName.",
            "extensions": {"code": "BAD_REQUEST"},
        }
    ]


def test_every_kind_of_error_speaks_both_languages() -> None:
    for kind in ErrorKind:
        assert kind.value == kind.name
        assert not kind.zh.isascii()
        assert kind.en.isascii()
