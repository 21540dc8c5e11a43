"""A document read field by field, up to its first fault."""

import pytest

from alerting.documents.entry import Entry, entries
from alerting.documents.faults import BadFile, unknown


def _entry(text: str) -> Entry:
    return next(entries("f.yml", text))


def _read(text: str) -> list[str]:
    found = _entry(text).fields(("name", "rules"), ("name",))
    return [inner.text() for one in found.values() for inner in one.items()]


def _fault(text: str) -> str:
    with pytest.raises(BadFile) as caught:
        _read(text)
    (problem,) = caught.value.problems
    assert problem.file == "f.yml"
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{nam: x}", "f.yml:1: nam: unknown field; did you mean name? (known: name, rules)"),
        ("{zzz: x}", "f.yml:1: zzz: unknown field (known: name, rules)"),
        ("\nrules: []", "f.yml:2: name is missing"),
        ("[x]", "f.yml:1: must be a mapping"),
        ("name: x", "f.yml:1: name: must be a list"),
        ("name:\n- x\n- {}", "f.yml:3: name[1]: must be a text"),
        ("name: ['']", "f.yml:1: name[0]: must not be empty"),
        ("name: [x]\nname: [y]", "f.yml:2: name: is there twice"),
        ("name: [x]\n[z]: y", "f.yml:2: a key must be a text"),
        ("name: [x]\n<<: y", "f.yml:2: only mappings can be merged"),
    ],
)
def test_faults_name_file_line_field_and_the_nearest_key(text: str, fault: str) -> None:
    assert _fault(text) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "f.yml:1: is not YAML: expected the node content"),
        ("a\n: \x01", "f.yml:2: is not YAML: special characters"),
        ("&a [*a]", "f.yml:1: an anchor holds itself"),
        ("[" * 5_000, "f.yml:1: is nested too deeply"),
    ],
    ids=["open", "control character", "anchor", "deep"],
)
def test_what_is_no_document(text: str, fault: str) -> None:
    with pytest.raises(BadFile) as caught:
        _entry(text)
    assert str(caught.value).startswith(fault)


def test_documents_without_anything_are_none() -> None:
    assert [one.text() for one in entries("f", "--- a\n---\n--- ~\n--- b\n")] == ["a", "b"]


def test_a_mistyped_field_of_many_has_its_nearest() -> None:
    assert unknown("group_wiat", ("group_wait", "group_by")) == (
        "unknown field; did you mean group_wait?"
    )
