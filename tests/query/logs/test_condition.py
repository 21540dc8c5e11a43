"""Trees as SQL: what they match is what they say, also of records without a body."""

import re

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from query.logs.condition import matches
from query.logs.expression import And, Expression, Not, Or, Pattern, Text

BODIES = [None, "", "a", "B", "ab", "aB c", "xab", "b a", "ac 12", "AC 12", "%_", "é"]
TERMS = st.one_of(
    st.sampled_from(["a", "b", "B", "ab", "c 1", "12", "ac", "%", "_", "É", "x"]).map(Text),
    st.sampled_from(["a.c", "^b", "[ab]$", "^$"]).map(Pattern),
)
TREES: st.SearchStrategy[Expression] = st.recursive(
    TERMS,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, max_size=3).map(lambda some: And(tuple(some))),
        st.lists(parts, min_size=2, max_size=3).map(lambda some: Or(tuple(some))),
    ),
    max_leaves=6,
)


def said(tree: Expression, body: str | None, case_sensitive: bool) -> bool:
    """What the tree says of a body, by Python's means."""
    match tree:
        case Text(text):
            if body is None:
                return False
            return text in body if case_sensitive else text.lower() in body.lower()
        case Pattern(pattern):
            return body is not None and re.search(pattern, body) is not None
        case Not(part):
            return not said(part, body, case_sensitive)
        case And(parts):
            return all(said(part, body, case_sensitive) for part in parts)
        case Or(parts):
            return any(said(part, body, case_sensitive) for part in parts)
    raise AssertionError(tree)


@settings(deadline=None, max_examples=40)
@given(TREES, st.booleans())
def test_a_tree_matches_what_it_says(tree: Expression, case_sensitive: bool) -> None:
    condition = matches(tree, case_sensitive)
    with duckdb.connect(config={"threads": "1"}) as database:
        database.execute("CREATE TABLE logs AS SELECT unnest($1) AS body_text", [BODIES])
        sql = f"SELECT body_text FROM logs WHERE {condition.sql}"
        found = [row[0] for row in database.execute(sql, condition.params).fetchall()]
    assert found == [body for body in BODIES if said(tree, body, case_sensitive)]
