"""What could be broken in the reading path, one thing at a time: a function, and a piece of its source said otherwise."""

# ruff: noqa: E501 - a table
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

from auth import rows
from resolvers import counts, tickets
from resolvers.customers import CUSTOMERS
from resolvers.reading import conditions as pieces
from resolvers.reading import connection, filters, personal, relation, roots, search, words
from resolvers.reading.assemble import source
from resolvers.reading.build import Builder
from resolvers.reading.level import Level
from resolvers.reading.paging import Page
from resolvers.reading.plan import Plan
from schema.answering import selecting
from schema.answering.preparing import Preparation


class Mutant(NamedTuple):
    broken: str
    function: Callable[..., Any]
    old: str
    new: str
    made: Any = None
    """What the function made when its module was imported, where it makes functions."""


def mutated(mutant: Mutant) -> Any:
    """The code of the function with the one piece replaced; put in its place, it is run wherever the name went."""
    text = textwrap.dedent(inspect.getsource(mutant.function))
    assert text.count(mutant.old) == 1, f"{mutant.broken}: {mutant.old!r} stands there {text.count(mutant.old)} times"
    made: dict[str, Any] = {}
    exec(compile(text.replace(mutant.old, mutant.new), "<mutant>", "exec"), dict(mutant.function.__globals__), made)
    code = made[mutant.function.__name__].__code__
    return next(one for one in code.co_consts if inspect.iscode(one)) if mutant.made else code


MUTANTS = [
    # Rows
    Mutant("root scope dropped", roots.page_root, "*builder.scope()", "*builder.only()"),
    Mutant("scope by id dropped", roots.keyed_level, ", *builder.scope()", ""),
    Mutant("register scope dropped", roots.list_root, "*builder.scope()", ""),
    Mutant("count scope dropped", counts.counts_root, "*builder.scope(), ", ""),
    Mutant("nested scope dropped", Builder._connected, "below.only() if scoped else below.scope()", "below.only()"),
    Mutant("nested scope thought given by the parent", relation.scoped_by_parent, "not isinstance(rule, Within) or ", ""),
    Mutant("to-one scope dropped", Builder.join_in_reach, "link if within is True else and_(link, _expression(within))", "link"),
    Mutant("scope of tags dropped", Builder._listed, "*below.scope()", "*below.only()"),
    Mutant("totalCount at a root unscoped", roots.page_root, "select_from(builder.row).where(*narrowed)", "select_from(builder.row)"),
    Mutant("nested totalCount unscoped", Builder._total, "counting.only() if scoped else counting.scope()", "counting.only()"),
    Mutant("only dropped", Builder.only, "if self.noun.only", "if None"),
    Mutant("children of all parents", relation.hangs_on, "return [getattr(child, mapper.get_property_by_column(_pair(relation)[1]).key) == key]", "return []"),
    Mutant("values of another root", Plan.run, "if one.before else request", "if None else request"),
    # Pages
    Mutant("keyset not strict forward", Page.bounds, "columns < bound", "columns <= bound"),
    Mutant("keyset not strict backward", Page.bounds, "columns > bound", "columns >= bound"),
    Mutant("keyset without its last key", Page.bounds, "in self.keys)", "in self.keys[:1])"),
    Mutant("keyset turned round", Page.bounds, 'is (name == "after")', 'is (name == "before")'),
    Mutant("one end forgotten", Page.bounds, "in self.ends:", "in self.ends[:1]:"),
    Mutant("page from the end not ordered back", Page.ordering, "down is not self.backward", "down"),
    Mutant("order ends with the first key", Page.ordering, "in self.keys:", "in self.keys[:1]:"),
    Mutant("page not reversed", Level._trimmed, "[::-1]", ""),
    Mutant("more and less mixed", Level._trimmed, '"before" in ends, beyond', 'beyond, "before" in ends'),
    Mutant("one row too many", Level._trimmed, "return rows[:size], beyond", "return rows, beyond"),
    Mutant("start and end cursor mixed", connection.connection, "rows[-1]", "rows[0]"),
    Mutant("cursor of another order", Builder.page, "asked.shape_of('field').value} ", "asked.shape_of('field').value.replace('UPDATED', 'CREATED')} "),
    # Fields
    Mutant("all sights CLEAR", Builder.value, "seen(noun.model, field.name, self.kind)", "Sight.CLEAR"),
    Mutant("masked shown without its mask", personal._display, "if sight is not Sight.CLEAR:", "if sight is None:"),
    Mutant("hidden list dropped", Builder.value, "self.hidden.add", "set().add"),
    Mutant("place of sealed text mixed", personal._display, ".{name}:", ".mobile:"),
    Mutant("data key of another person", Builder.data_key, 'equal(target, "id", row, person)', "target.id != getattr(row, person)"),
    Mutant("Varying always CLEAR", personal._sight, "return Choice(place, Sight.CLEAR.value, Sight.MASKED.value)", "return Const(Sight.CLEAR.value)"),
    Mutant("revealable without anything to reveal", rows.may_reveal, 'all_of(may("reveal", row, viewer), present(getattr(row, f"{field}_sealed")))', 'may("reveal", row, viewer)'),
    Mutant("acts of nobody's ticket null", pieces._allowed, "condition.is_(True)", "condition"),
    Mutant("columns of two rows mixed", Builder.column, "place = (row, name)", "place = name"),
    Mutant("joins of two rows mixed", Builder._joined, "(row, place) not in self.joined", "place not in {p for _, p in self.joined}"),
    Mutant("absent to-one made up", Builder._related, "field.of(noun.name), there)", "field.of(noun.name))"),
    Mutant("columns one off", source, 'return f"r[{at}]"', 'return f"r[{at}-1]"'),
    Mutant("tags unordered", Builder._listed, "chosen.order_by(*ordering)", "chosen.order_by(below.row.id)"),
    # Filters
    Mutant("filters ignored", filters.narrowed, "if name in PAGE_ARGUMENTS or", "if True or"),
    Mutant("filters on hidden fields", filters.narrowed, "if not is_clear(", "if not name and not is_clear("),
    Mutant("orders by hidden fields", Builder.page, 'if attribute != "id"', 'if attribute == "id"'),
    Mutant("counts by hidden fields", counts.counts_root, "if not is_clear(", "if not field and not is_clear("),
    Mutant("filter of counts ignored", counts.counts_root, "*filters.conditions, ", ""),
    Mutant("filter of a count ignored", Builder._total, "*conditions(noun, self.kind, counting.row, field, self.binds, self.tools)", ""),
    Mutant("null narrows", filters._given, "elif arg.shape is not None", "elif True"),
    Mutant("from: not including the moment", words.since, ">=", ">", CUSTOMERS.filters["created_from"].narrow),
    Mutant("to: including the moment", words.before, "<", "<=", CUSTOMERS.filters["created_to"].narrow),
    Mutant("missing turned round", words.missing, "if given.shape", "if not given.shape", CUSTOMERS.filters["unassigned"].narrow),
    Mutant("ids of other things", words.ids_of, "found[0] in prefixes", "found[0]"),
    Mutant("answered is overdue", tickets._overdue, ", one_of(row.status, UNANSWERED)", ""),
    Mutant("subject not compared", tickets._subject, "> 0", ">= 0"),
    # Searches
    Mutant("candidates not compared", search.Search._holds, "return contains(", "return True or contains("),
    Mutant("scope of candidates dropped", search.Search._statement, "*builder.scope(), ", ""),
    Mutant("other filters of a search dropped", search.Search._statement, "*filters.conditions, ", ""),
    Mutant("found rows in no order", search.searched_list, ".order_by(*page.ordering(builder.row))", ""),
    Mutant("cursors of a search ignored", search.Search._statement, "if self._page:", "if None:"),
    Mutant("empty search counted past the scope", search._count, "*builder.scope(), ", ""),
    Mutant("empty search finds nothing", search.SearchedList.answer, "if not self.search.text(request):", "if None:"),
    Mutant("count of a search from its cursor on", search.SearchedList._total, "if self.apart else page", "if None else page"),
    # Documents
    Mutant("@skip ignored", selecting._Selecting.included, 'if skip and skip["if"]', "if False"),
    Mutant("@include ignored", selecting._Selecting.included, 'not include or bool(include["if"])', "True"),
    Mutant("fragments of other types", selecting._Selecting.applies, "condition.name.value == parent.name", "condition.name.value"),
    Mutant("fragments on interfaces dropped", selecting._Selecting.applies, "return is_abstract_type(wanted)", "return False"),
    Mutant("fields not merged", selecting._Selecting.field, "for node in nodes if", "for node in nodes[:1] if"),
    Mutant("first variable kept", selecting._reader, "return lambda values: snaked(values.coerced[name])", "return lambda values: snaked(value)"),
    Mutant("booleans of variables forgotten", selecting.Operation.form, "return tuple(", "return () and tuple("),
    Mutant("plans shared between kinds", Preparation.query, "operation.form(values), viewer.kind)", "operation.form(values))"),
]  # fmt: skip
