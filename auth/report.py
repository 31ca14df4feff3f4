"""The access page in print: one text for the review of a change, one page for people who use the API."""

from collections.abc import Iterator
from inspect import isfunction, signature

from auth import policy
from auth.access import Condition, Granted, Rule, Seen, Sight, TypePage, Varying, Within
from auth.policy import DUTIES, LOOKS_FOR, PAGE, SCOPE_EVENTS
from domain.base import Base
from domain.staff import Role

ROLES = tuple(Role)
_NAMED_RULES = [
    rule
    for name, rule in vars(policy).items()
    if isfunction(rule)
    and rule.__module__ == policy.__name__
    and signature(rule).return_annotation is Condition
    and not name.startswith("_")
]
"""Every rule of the page that is written there by name, in its order."""

SHORT = {Sight.CLEAR: "clear", Sight.MASKED: "masked", Sight.HIDDEN: "·"}


def matrix() -> str:
    """Every type, row rule, field and act per role, aligned: a change of access is a change of this text."""
    return "\n".join(_lines()) + "\n"


def document() -> str:
    """`docs/access.md`."""
    return "\n".join(_document()) + "\n"


def rule_words(rule: Rule) -> str:
    """A row or act rule in a few words; a named predicate goes by its name."""
    if isinstance(rule, Granted):
        return f"{rule_words(rule.then)} [{rule.grant}]"
    if isinstance(rule, Within):
        return f"within {rule.parent}" + (f" {rule.only.__name__}" if rule.only else "")
    return "·" if rule.__name__ == "nobody" else rule.__name__.replace("_", " ")


def seen_words(cell: Seen) -> str:
    """A cell in a word or two; `clear/masked` varies from row to row."""
    if isinstance(cell, Granted):
        return f"{seen_words(cell.then)} [{cell.grant}]"
    return "clear/masked" if isinstance(cell, Varying) else SHORT[cell]


def _lines() -> Iterator[str]:
    yield "# · nothing   clear/masked: varies from row to row   [grant]: only with this grant in the token"
    for model, page in PAGE.items():
        yield ""
        yield _row(model.__name__, [role.value for role in ROLES])
        yield from (_row(name, cells) for name, cells in _cells(page))
    yield ""
    yield _row("May look for", [role.value for role in ROLES])
    yield from (_row(f"  {purpose}", cells) for purpose, cells in _purposes())
    yield ""
    yield _row("May be given", [role.value for role in ROLES])
    yield from (_row(f"  {duty}", cells) for duty, cells in _duties())
    yield ""
    yield "Scope changes by"
    yield from (f"  {rule_words(rule):<25}{event or 'no event'}" for rule, event in SCOPE_EVENTS.items())


def _cells(page: TypePage) -> Iterator[tuple[str, list[str]]]:
    yield "  rows", [rule_words(page.rows[role]) for role in ROLES]
    if page.added:
        yield "  rows added", [rule_words(page.added[role]) for role in ROLES]
    if page.handed_on:
        yield "  handed on", [", ".join(sorted(page.handed_on)) for _ in ROLES]
    for field, line in page.fields.items():
        yield f"  .{field}", [seen_words(line[role]) for role in ROLES]
    for act, acts in page.acts.items():
        yield f"  {act}!", [rule_words(acts[role]) for role in ROLES]
    for act, ready in page.ready.items():
        yield f"  {act}! needs", [rule_words(ready) for _ in ROLES]
    for act, approval in page.approval.items():
        yield f"  {act}! unless", [rule_words(approval) for _ in ROLES]
    for act, general in page.general.items():
        yield f"  {act}! (no row)", [rule_words(general[role]) for role in ROLES]


def _purposes() -> Iterator[tuple[str, list[str]]]:
    yield from ((purpose, [rule_words(line[role]) for role in ROLES]) for purpose, line in LOOKS_FOR.items())


def _duties() -> Iterator[tuple[str, list[str]]]:
    yield from ((duty, ["yes" if line[role] else "·" for role in ROLES]) for duty, line in DUTIES.items())


def _row(name: str, cells: list[str]) -> str:
    return (f"{name:<27}" + "".join(f"{cell:<28}" for cell in cells)).rstrip()


def _document() -> Iterator[str]:
    yield from _INTRODUCTION
    yield from (f"- **{rule.__name__}**: {rule.__doc__}" for rule in _NAMED_RULES)
    for model, page in PAGE.items():
        yield ""
        yield f"## {model.__name__}"
        yield ""
        yield f"About: {page.about.value.lower()}. {_doc(model)}"
        yield ""
        yield f"| | {' | '.join(role.value for role in ROLES)} |"
        yield "|---" * (len(ROLES) + 1) + "|"
        yield from (f"| {_cell_name(name)} | {' | '.join(cells)} |" for name, cells in _cells(page))
    yield ""
    yield "## Purposes"
    yield ""
    yield "For which purposes each role may ask for clear values (`revealPersonalData`, `findCustomerByContact`)."
    yield ""
    yield f"| | {' | '.join(role.value for role in ROLES)} |"
    yield "|---" * (len(ROLES) + 1) + "|"
    yield from (f"| {_cell_name(purpose)} | {' | '.join(cells)} |" for purpose, cells in _purposes())
    yield ""
    yield "## Duties"
    yield ""
    yield "What a member of staff may be given: customers to own, tickets to handle, the queue of their team to serve."
    yield ""
    yield f"| | {' | '.join(role.value for role in ROLES)} |"
    yield "|---" * (len(ROLES) + 1) + "|"
    yield from (f"| {_cell_name(duty)} | {' | '.join(cells)} |" for duty, cells in _duties())


def _doc(model: type[Base]) -> str:
    return (model.__doc__ or "").strip().split("\n")[0]


def _cell_name(name: str) -> str:
    plain = name.strip()
    return f"**{plain}**" if plain in {"rows", "rows added", "handed on"} else f"`{plain}`"


_INTRODUCTION = (
    "# Who may see and do what · 访问权限",
    "",
    "Generated from `auth/policy.py` by `zhike access --document`; a test keeps it true. Do not edit.",
    "",
    "Read a table from left to right: the rows that each role reaches, how sharply it sees each field, what it may do.",
    "`·` is nothing. `clear/masked` varies from row to row: a free text is masked where numbers were found in it.",
    "`[grant]` is only for a partner's token that names the grant. `act!` is an act; what a table does not allow is",
    "forbidden. Lists, `node`, counts, filters, orders and cursors all go through these tables: filters, orders and",
    "groups are allowed on fields that are `clear` for the role.",
    "",
)
