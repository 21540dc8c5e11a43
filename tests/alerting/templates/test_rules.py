"""Templates of rules: the functions and variables that Prometheus gives them."""

import pytest

from alerting.templates.errors import TemplateError
from alerting.templates.rules import RuleTemplates, Sample, check


def _ask(query: str) -> list[Sample]:
    if query == "bad":
        raise ValueError("no such query")
    return [Sample({"i": "b", "__value__": "x"}, 2.0), Sample({"i": "a"}, 1.0)]


TEMPLATES = RuleTemplates({"region": "eu"}, "http://here/prefix", 1_700_000_000_000_000_000, _ask)

CASES = [
    ("{{ $labels.job }} {{ $labels.none }}|{{ $value }}", "web |0.25"),
    ("{{ .Labels.job }} {{ .Value }} {{ .ExternalLabels.region }}", "web 0.25 eu"),
    ("{{ $externalLabels.region }} {{ $externalURL }}", "eu http://here/prefix"),
    ("{{ externalURL }} {{ pathPrefix }}", "http://here/prefix /prefix"),
    ("{{ humanize 1234567.0 }} {{ humanize 0.000012 }} {{ humanize 0 }}", "1.235M 12u 0"),
    ("{{ humanize \"1e3\" }} {{ humanize1024 1536 }}", "1k 1.5ki"),
    ("{{ humanizeDuration 0 }} {{ humanizeDuration 0.1 }}", "0s 100ms"),
    ("{{ humanizeDuration 1.5 }} {{ humanizeDuration 90 }}", "1.5s 1m 30s"),
    ("{{ humanizeDuration 3661 }} {{ humanizeDuration -93784 }}", "1h 1m 1s -1d 2h 3m 4s"),
    ("{{ humanizePercentage 0.12345 }}", "12.35%"),
    ("{{ humanizeTimestamp 1435065584.128 }}", "2015-06-23 13:19:44.128 +0000 UTC"),
    ("{{ (toTime 1435065584).Format \"2006-01-02T15:04\" }}", "2015-06-23T13:19"),
    ("{{ toDuration 90.5 }} {{ parseDuration \"1h\" }}", "1m30.5s 3600"),
    ("{{ now }}", "1.7e+09"),
    ("{{ title \"hello World\" }} {{ toUpper \"a\" }} {{ toLower \"B\" }}", "Hello World A b"),
    ("{{ match \"a+\" \"caat\" }}", "true"),
    ("{{ reReplaceAll \"(?P<x>a)(b)\" \"$2${x}$$\" \"abab\" }}", "ba$ba$"),
    ("{{ reReplaceAll \"x*\" \"-\" \"ab\" }}", "-a-b-"),
    ("{{ stripPort \"host:80\" }} {{ stripPort \"[::1]:80\" }}", "host ::1"),
    ("{{ stripDomain \"a.b.c:80\" }} {{ stripDomain \"10.0.0.1:80\" }}", "a:80 10.0.0.1:80"),
    ("{{ urlQueryEscape \"a b\" }}", "a+b"),
    ("{{ graphLink \"up == 0\" }}", "/graph?g0.expr=up+%3D%3D+0&g0.tab=0"),
    ("{{ with query \"up\" }}{{ . | first | label \"i\" }}{{ . | first | value }}{{ end }}", "b2"),
    ("{{ range query \"up\" | sortByLabel \"i\" }}{{ .Labels.i }}{{ .Value }} {{ end }}", "a1 b2 "),
    ("{{ query \"up\" | first | strvalue }}", "x"),
    ("{{ define \"t\" }}{{ .arg0 }}{{ .arg1 }}{{ end }}{{ template \"t\" (args 1 \"x\") }}", "1x"),
    ("{{ if gt $value 0.2 }}high{{ end }}", "high"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_expanded(text: str, expected: str) -> None:
    assert TEMPLATES.expand(text, {"job": "web"}, 0.25) == expected


def test_an_error_is_told_in_place_of_the_text() -> None:
    text, error = TEMPLATES.expand_or_say('{{ query "bad" }}', {}, 1.0, "rule")
    assert text == (
        "<error expanding template: template: rule:1:4: error calling query: no such query>"
    )
    assert error is not None


def test_a_text_that_works_has_no_error() -> None:
    assert TEMPLATES.expand_or_say("{{ $value }}", {}, 1.0) == ("1", None)


def test_what_cannot_be_parsed_is_refused_when_it_is_read() -> None:
    check("{{ $labels.x | humanize }} {{ query `up` }}")
    with pytest.raises(TemplateError, match="function 'humanise' not defined"):
        check("{{ $value | humanise }}")
