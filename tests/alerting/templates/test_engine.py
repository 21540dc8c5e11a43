"""Go's text/template: what it writes, and what it refuses where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.templates.engine import Engine
from alerting.templates.errors import TemplateError

ENGINE = Engine({})
DATA = {
    "name": "web",
    "none": None,
    "yes": True,
    "zero": 0,
    "half": 0.5,
    "list": ["a", "b", "c"],
    "empty": [],
    "map": {"b": "2", "a": "1"},
    "deep": {"er": {"still": "here"}},
    "html": '<b class="x">',
}

WRITTEN = [
    ("plain", "plain"),
    ("{{.name}}", "web"),
    ("a {{- .name -}} b", "awebb"),
    ("a  {{/* nothing */}}  b", "a    b"),
    ("a  {{- /* nothing */ -}}  b", "ab"),
    ("{{.deep.er.still}}", "here"),
    ("{{(.deep).er.still}}", "here"),
    ("{{$.deep.er.still}}", "here"),
    ("{{.missing}}", "<no value>"),
    ('{{"a\\tb"}}{{`raw\\t`}}', "a\tbraw\\t"),
    ("{{'x'}} {{0x10}} {{1_000}} {{-3}} {{010}} {{1e3}} {{.5}}", "120 16 1000 -3 8 1000 0.5"),
    ("{{1000000.0}} {{123456.0}} {{0.0001}} {{0.00001}}", "1e+06 123456 0.0001 1e-05"),
    ("{{true}} {{.none}} {{.yes}} {{.list}} {{.map}}", "true <no value> true [a b c] map[a:1 b:2]"),
    ("{{if .name}}yes{{else}}no{{end}}", "yes"),
    ("{{if .zero}}1{{else if .empty}}2{{else if .half}}3{{else}}4{{end}}", "3"),
    ("{{with .deep.er}}{{.still}}{{end}}{{with .empty}}x{{else}}nothing{{end}}", "herenothing"),
    ("{{with .empty}}x{{else with .name}}{{.}}{{end}}", "web"),
    ("{{with $x := .name}}{{$x}}{{end}}", "web"),
    ("{{range .list}}[{{.}}]{{end}}", "[a][b][c]"),
    ("{{range $i, $e := .list}}{{$i}}{{$e}} {{end}}", "0a 1b 2c "),
    ("{{range $e := .list}}{{$e}}{{end}}", "abc"),
    ("{{range $k, $v := .map}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"),
    ("{{range .empty}}x{{else}}none{{end}}", "none"),
    ("{{range 3}}{{.}}{{end}}", "012"),
    ("{{range .list}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
    ("{{range .list}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
    ("{{$n := 0}}{{range .list}}{{$n = .}}{{end}}{{$n}}", "c"),
    ("{{$n := 1}}{{if true}}{{$n := 2}}{{$n}}{{end}}{{$n}}", "21"),
    ('{{define "t"}}<{{.}}>{{end}}{{template "t" .name}}', "<web>"),
    ('{{block "t" .name}}[{{.}}]{{end}}', "[web]"),
    ('{{.name | printf "%s-%s" "a"}}', "a-web"),
    ("{{len .list}} {{.list | len}} {{len \"aé\"}}", "3 3 3"),
    ('{{index .list 1}} {{index .map "a"}} {{index .deep "er" "still"}}', "b 1 here"),
    ("{{slice .list 1}} {{slice .name 1 2}}", "[b c] e"),
    ("{{and 1 0 2}} {{and 1 2}} {{or 0 2}} {{or 0 \"\"}} {{not 0}}", "0 2 2  true"),
    ("{{or .name (index .list 9)}}", "web"),
    ('{{eq 1 1}} {{eq "a" "b" "a"}} {{ne 1 2}}', "true true true"),
    ('{{lt 1 2}} {{le 2 2}} {{gt 1.5 0.5}} {{ge "a" "b"}}', "true true true false"),
    ('{{print 1 2 "a" 3}}|{{println "a" 1}}', "1 2a3|a 1\n"),
    ("{{html .html}} {{urlquery \"a b&c\"}}", "&lt;b class=&#34;x&#34;&gt; a+b%26c"),
    ("{{js \"it's\"}}", "it\\'s"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_what_is_written(text: str, expected: str) -> None:
    assert ENGINE.expand(text, DATA) == expected


REFUSED = [
    ("{{", "t:1:2: unclosed action"),
    ("a\n {{.x", "t:2:5: unclosed action"),
    ('{{"x}}', "t:1:3: unterminated quoted string"),
    ("{{/* x }}", "t:1:1: unclosed comment"),
    ("{{if .x}}", "t:1:10: unexpected EOF"),
    ("{{end}}", "t:1:3: unexpected {{end}}"),
    ("{{if}}{{end}}", "t:1:5: missing value for if"),
    ("{{nope 1}}", "t:1:3: function 'nope' not defined"),
    ("{{$x}}", "t:1:3: undefined variable '$x'"),
    ("{{break}}", "t:1:3: {{break}} outside {{range}}"),
    ("{{if 1}}{{define \"a\"}}{{end}}{{end}}", "t:1:11: unexpected {{define}}"),
    ("{{(1}}", "t:1:5: unclosed left paren"),
    ("{{1 | 2}}", "t:1:7: non executable command in pipeline"),
    ("{{99999999999999999999}}", "t:1:3: 99999999999999999999: integer overflow"),
    ("{{.a;}}", "t:1:5: unrecognized character in action: ';'"),
    ("{{.missing.er}}", "t:1:3: nil data; no entry for key 'er'"),
    ("{{.name.er}}", "t:1:3: can't evaluate field er in type string"),
    ("{{.name 1}}", "t:1:3: name has arguments but cannot be invoked as function"),
    ("{{1 2}}", "t:1:3: can't give argument to non-function"),
    ("{{len 3}}", "t:1:3: error calling len: len of type int"),
    ("{{lt 1 1.5}}", "t:1:3: error calling lt: incompatible types for comparison"),
    ("{{index .list 5}}", "t:1:3: error calling index: index out of range: 5"),
    ("{{range .name}}{{end}}", "t:1:9: range can't iterate over web"),
    ('{{template "no"}}', 't:1:3: template "no" not defined'),
    ('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
     "t:1:17: templates call each other more than 40 deep"),
    ("{{range 1000000000}}{{end}}", "t:1:9: takes more than"),
    ("{{range 1000}}{{printf \"%9999d\" 1}}{{end}}", "t:1:17: writes more than"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_refused_and_where(text: str, expected: str) -> None:
    with pytest.raises(TemplateError) as caught:
        ENGINE.expand(text, DATA, "t")
    assert str(caught.value).startswith(f"template: {expected}")


def test_templates_of_files_call_each_other_and_the_later_wins() -> None:
    engine = ENGINE.with_files(
        [
            ("a.tmpl", '{{define "a"}}old{{end}}{{define "b"}}({{template "a" .}}){{end}}'),
            ("b.tmpl", '{{define "a"}}{{.}}{{end}}'),
        ]
    )
    assert engine.expand('{{template "b" .name}}', DATA) == "(web)"


def test_an_error_in_a_file_names_the_file() -> None:
    engine = ENGINE.with_files([("a.tmpl", '\n{{define "a"}}{{len 1}}{{end}}')])
    with pytest.raises(TemplateError, match=r"a\.tmpl:2:17"):
        engine.expand('{{template "a"}}', DATA, "t")


def test_html_is_escaped_where_values_are_written() -> None:
    written = ENGINE.expand_html('<i>{{.html}}</i>{{define "t"}}<u>{{.}}</u>{{end}}'
                                 '{{template "t" .name}}', DATA)  # fmt: skip
    assert written == "<i>&lt;b class=&#34;x&#34;&gt;</i><u>web</u>"


def test_variables_are_known_by_their_names() -> None:
    assert ENGINE.expand("{{$v}}", None, "t", {"$v": 3}) == "3"


@given(st.text(alphabet="{}-./*\"`'|()$:=, abif end range else 1.5x\n", max_size=40))
def test_any_text_is_expanded_or_refused(text: str) -> None:
    try:
        written = ENGINE.expand(text, DATA)
    except TemplateError as error:
        written = str(error)
    assert isinstance(written, str)


@given(st.text(max_size=30).filter(lambda t: "{{" not in t + "{"))
def test_text_without_actions_stays(text: str) -> None:
    assert ENGINE.expand(text + "{{1}}", None) == text + "1"
