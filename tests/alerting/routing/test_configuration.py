"""Alertmanager's configuration: what is taken, what is refused and where, what is never shown."""

import copy
import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.documents.secret import revealed
from alerting.routing.configuration import Configuration, load, load_file
from alerting.routing.receivers.email import EmailConfig
from alerting.routing.receivers.http_config import HttpConfig
from alerting.routing.receivers.pagerduty import PagerdutyConfig
from alerting.routing.receivers.slack import SlackConfig
from goldeneye.errors import ConfigurationError

SECOND = 1_000_000_000
FIXTURES = Path(__file__).parents[4] / "shared/fixtures/alertmanager"
needs_fixtures = pytest.mark.skipif(not FIXTURES.exists(), reason="made by others, not kept here")

SMALL = """
route: {receiver: all}
receivers: [{name: all}]
"""


def _faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(text, "am.yml")
    return str(caught.value).splitlines()


@needs_fixtures
def test_the_routing_example_leads_where_its_authors_say() -> None:
    configuration = load_file(FIXTURES / "conf.routing.yml")
    assert configuration.receivers_of({}) == ("default",)
    assert configuration.receivers_of({"test": "1"}) == ("test1",)
    assert configuration.receivers_of({"test": "2"}) == ("test1", "test2")


@needs_fixtures
def test_the_simple_example_is_taken() -> None:
    configuration = load_file(FIXTURES / "simple.yml")
    assert configuration.receivers_of({"service": "foo1", "severity": "critical"}) == (
        "team-X-pager",
    )
    assert configuration.receivers_of({"service": "database", "owner": "team-X"}) == (
        "team-X-pager",
    )
    assert configuration.route.options.repeat_interval_ns == 3 * 3600 * SECOND
    assert configuration.warnings == ("line 124: tracing: has no effect here",)


@needs_fixtures
def test_kinds_that_we_do_not_have_are_refused_by_name_and_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_file(FIXTURES / "conf.good.yml")
    victorops, pushover = str(caught.value).splitlines()
    assert ":104: receivers[5].victorops_configs: receivers of the kind victorops" in victorops
    assert ":111: receivers[7].pushover_configs: receivers of the kind pushover" in pushover


@needs_fixtures
def test_the_good_example_is_taken_without_those() -> None:
    lines = (FIXTURES / "conf.good.yml").read_text().splitlines()
    text = "\n".join(lines[:102] + lines[106:109] + lines[113:])
    configuration = load(text, "am.yml")
    (slack,) = configuration.receivers["slack-receiver"].integrations()
    assert isinstance(slack.config, SlackConfig)
    assert revealed(slack.config.api_url, "") == "http://mysecret.example.com/"
    assert "mysecret" not in configuration.shown + repr(configuration)


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("conf.nil-match_re-route.yml", ":5: route.routes[0].match_re.invalid_label: missing"),
        (
            "conf.nil-source_match_re-inhibition.yml",
            ":7: inhibit_rules[0].source_match_re.invalid_source_label: missing",
        ),
    ],
)
def test_invalid_examples_are_refused(name: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_file(FIXTURES / name)
    assert fault in str(caught.value)


def test_what_is_left_out_means_what_it_means_to_alertmanager() -> None:
    configuration = load(SMALL, "am.yml")
    options = configuration.route.options
    assert options.group_wait_ns == 30 * SECOND
    assert options.group_interval_ns == 300 * SECOND
    assert options.repeat_interval_ns == 4 * 3600 * SECOND
    assert options.group_by == frozenset()
    assert configuration.resolve_timeout_ns == 300 * SECOND


def test_children_inherit_and_overwrite() -> None:
    configuration = load(
        """
route:
  receiver: all
  group_by: [a, b]
  group_wait: 1s
  routes:
  - matchers: [x=1]
    group_by: ['...']
    routes:
    - {match: {y: 2}, group_interval: 1m30s, group_wait: 0s}
    - {group_by: [c]}
receivers: [{name: all}]
""",
        "am.yml",
    )
    outer = configuration.route.routes[0]
    inner, last = outer.routes
    assert (outer.options.group_by_all, outer.options.group_wait_ns) == (True, SECOND)
    assert inner.options.group_by_all
    assert inner.options.group_interval_ns == 90 * SECOND
    assert inner.options.group_wait_ns == 0
    assert last.options.group_by == {"c"}
    assert not last.options.group_by_all
    assert inner.key == '{}/{x="1"}/{y="2"}'
    assert inner.id == '{}/{x="1"}/0/{y="2"}/0'


REFUSED = [
    ("", ["am.yml:1: route: no route provided in config"]),
    ("a: [", ["am.yml:1: is not YAML: expected the node content, but found '<stream end>'"]),
    (SMALL + "recievers: []", ["am.yml:4: recievers: unknown field; did you mean receivers?"]),
    (SMALL + "route: {}", ["am.yml:4: route: is given twice"]),
    ("route: []", ["am.yml:1: route: expected a mapping, found a list"]),
    ("route: {receiver: x}", ["am.yml:1: route.receiver: undefined receiver 'x'"]),
    ("route: {}", ["am.yml:1: route.receiver: root route must specify a default receiver"]),
    ("route: {receiver: a, continue: true}\nreceivers: [{name: a}]",
     ["am.yml:1: route.continue: cannot have continue in root route"]),
    ("route: {receiver: a, matchers: [a=b]}\nreceivers: [{name: a}]",
     ["am.yml:1: route: root route must not have any matchers"]),
    ("route: {receiver: a, group_wait: 1x}\nreceivers: [{name: a}, {name: a}]",
     ["am.yml:1: route.group_wait: '1x' is no duration, such as 30s, 5m or 1h30m"]),
    ("route: {receiver: a}\nreceivers: [{name: a}, {name: a}]",
     ["am.yml:2: receivers: name 'a' is not unique"]),
    ("route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]",
     ["am.yml:1: route.group_interval: group_interval cannot be zero"]),
    ("route: {receiver: a, group_by: [a, '...']}\nreceivers: [{name: a}]",
     ["am.yml:1: route.group_by: cannot have wildcard group_by (`...`) and other labels at the "
      "same time"]),
    ("route: {receiver: a, routes: [{mute_time_intervals: [x]}]}\nreceivers: [{name: a}]",
     ["am.yml:1: route.routes[0]: undefined time interval 'x'"]),
    ("route: {receiver: a, routes: [{matchers: ['a=~(']}]}\nreceivers: [{name: a}]",
     ["am.yml:1: route.routes[0].matchers[0]: error parsing regexp: missing ): ^(?:()$"]),
    ("route: {receiver: a, routes: [{matchers: [a]}]}\nreceivers: [{name: a}]",
     ["am.yml:1: route.routes[0].matchers[0]: bad matcher format: a"]),
    ("route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs: [{channel: x}]",
     ["am.yml:3: receivers: a: no Slack API URL nor App token set either inline or in a file"]),
    ("route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - {max_alerts: x, url: y}",
     ["am.yml:5: receivers[0].webhook_configs[0].max_alerts: expected a number, found 'x'",
      "am.yml:5: receivers[0].webhook_configs[0].url: unsupported scheme '' for URL"]),
    ("route: {receiver: a}\nreceivers:\n- name: a\n  email_configs: [{}]",
     ["am.yml:4: receivers[0].email_configs[0]: missing to"]),
    ("time_intervals:\n- name: a\n  time_intervals:\n  - weekdays: [monday:funday]",
     ["am.yml:4: time_intervals[0].time_intervals[0].weekdays[0]: funday is not a valid weekday"]),
    ("time_intervals:\n- name: a\n  time_intervals:\n  - location: Nowhere/Land",
     ["am.yml:4: time_intervals[0].time_intervals[0].location: unknown time zone Nowhere/Land"]),
    ("global: {smtp_require_tls: maybe}",
     ["am.yml:1: global.smtp_require_tls: expected true or false, found 'maybe'"]),
    ("global: {http_config: {bearer_token: a, basic_auth: {username: b}}}",
     ["am.yml:1: global.http_config.bearer_token: at most one of basic_auth & oauth2 & "
      "authorization & bearer_token & bearer_token_file must be configured"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), REFUSED, ids=range(len(REFUSED)))
def test_faults_name_line_field_and_reason(text: str, faults: list[str]) -> None:
    assert _faults(text) == faults


SECRETS = """
global:
  smtp_smarthost: localhost:25
  smtp_from: a@example.org
  smtp_auth_password: hush-1
  slack_api_url: https://example.org/hush-2
  opsgenie_api_key: hush-3
  http_config: {authorization: {credentials: hush-4}, proxy_url: 'http://u:hush-5@example.org'}
route: {receiver: all}
receivers:
- name: all
  email_configs: [{to: b@example.org}]
  slack_configs: [{channel: c}]
  opsgenie_configs: [{}]
  pagerduty_configs: [{routing_key: hush-6}]
  webhook_configs:
  - url: https://example.org/hush-7
    http_config: {http_headers: {X-Key: {secrets: [hush-8]}}}
  msteams_configs: [{webhook_url: 'https://example.org/hush-9'}]
  sns_configs: [{topic_arn: t, sigv4: {access_key: a, secret_key: hush-10}}]
  alertmanager_configs: [{url: 'https://example.org/hush-11'}]
"""


def _all_of(configuration: Configuration) -> list[str]:
    receiver = configuration.receivers["all"]
    return [
        configuration.shown,
        repr(configuration),
        str(receiver),
        str(dataclasses.asdict(receiver)),
        str(copy.deepcopy(receiver)),
    ]


def test_secrets_are_never_shown() -> None:
    configuration = load(SECRETS, "am.yml")
    for text in _all_of(configuration):
        assert "hush" not in text
        assert "<secret>" in text


def test_a_broken_secret_is_not_shown_either() -> None:
    assert _faults("global: {slack_api_url: 'hush://example.org/hush'}") == [
        "am.yml:1: global.slack_api_url: unsupported scheme 'hush' for URL"
    ]
    assert _faults("global: {slack_api_url: 'http:///hush'}") == [
        "am.yml:1: global.slack_api_url: missing host for URL"
    ]


def test_a_blank_left_out_does_not_show_a_secret() -> None:
    assert _faults("global: {opsgenie_api_key:hush}") == [
        "am.yml:1: global.opsgenie_api_key…: unknown field; did you mean opsgenie_api_key?"
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, len(SECRETS)),
    st.integers(0, 8),
    st.text(alphabet="[]{}:,-'\"&*!|>% \n\t0a\x00é<", max_size=3),
)
def test_any_damage_is_refused_in_words_or_harmless(at: int, left_out: int, put: str) -> None:
    text = SECRETS[:at] + put + SECRETS[at + left_out :]
    try:
        said = load(text, "am.yml").shown
    except ConfigurationError as error:
        said = str(error)
        lines = said.splitlines()
    else:
        lines = []
    assert "hush-" not in said
    assert all(re.match(r"am\.yml:\d+: ", line) for line in lines)


def test_receivers_take_from_global_what_they_leave_out() -> None:
    configuration = load(SECRETS, "am.yml")
    configs = {i.name: i.config for i in configuration.receivers["all"].integrations()}
    email, pagerduty = configs["all/email/0"], configs["all/pagerduty/0"]
    assert isinstance(email, EmailConfig)
    assert revealed(email.auth_password, "") == "hush-1"
    assert (email.smarthost, email.from_, email.hello) == (
        "localhost:25",
        "a@example.org",
        "localhost",
    )
    assert email.require_tls is True
    assert isinstance(pagerduty, PagerdutyConfig)
    assert pagerduty.url == "https://events.pagerduty.com/v2/enqueue"
    assert set(pagerduty.details) == {"firing", "resolved", "num_firing", "num_resolved"}
    http = pagerduty.http_config
    assert isinstance(http, HttpConfig)
    assert http.authorization is not None
    assert revealed(http.authorization.credentials, "") == "hush-4"


def test_what_is_shown_can_be_read_again() -> None:
    text = SECRETS + (
        "inhibit_rules: [{source_matchers: [a=b], target_match_re: {c: d.*}, equal: [e]}]\n"
        "time_intervals:\n- name: t\n  time_intervals:\n"
        "  - {times: [{start_time: '09:00', end_time: '24:00'}], weekdays: ['monday:friday'],\n"
        "     days_of_month: ['-3:-1'], months: ['may:august'], years: ['2026'],\n"
        "     location: Europe/Berlin}\n"
    )
    first = load(text, "am.yml")
    again = load(first.shown, "am.yml")
    assert again.shown == first.shown
    assert again.route == first.route
    assert again.inhibit_rules == first.inhibit_rules
    assert again.time_intervals == first.time_intervals


def test_a_secret_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "hush")
    text = SMALL.replace(
        "{name: all}", "{name: all, pagerduty_configs: [{routing_key: '${TEAM_KEY}'}]}"
    )
    (integration,) = load(text, "am.yml").receivers["all"].integrations()
    assert isinstance(integration.config, PagerdutyConfig)
    assert revealed(integration.config.routing_key, "") == "hush"
    monkeypatch.delenv("TEAM_KEY")
    assert _faults(text) == [
        "am.yml:3: receivers[0].pagerduty_configs[0].routing_key: "
        "environment variable TEAM_KEY is not set"
    ]


def test_a_secret_file_is_read_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "am.yml").write_text(
        SMALL.replace("{name: all}", "{name: all, webhook_configs: [{url_file: url}]}")
    )
    (integration,) = load_file(tmp_path / "am.yml").receivers["all"].integrations()
    file = getattr(integration.config, "url_file")  # noqa: B009
    assert file == str(tmp_path / "url")
    with pytest.raises(ConfigurationError, match="url: cannot be read"):
        revealed(None, file)
    (tmp_path / "url").write_text("https://example.org\n")
    assert revealed(None, file) == "https://example.org"


def test_templates_are_sought_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.tmpl").write_text("")
    (tmp_path / "am.yml").write_text(SMALL + "templates: ['*.tmpl']")
    assert load_file(tmp_path / "am.yml").template_files() == (tmp_path / "a.tmpl",)


def test_matchers_of_the_older_syntax_are_taken_and_said() -> None:
    text = SMALL.replace("all}", "all, routes: [{matchers: ['a=~b|c', 'd=']}]}", 1)
    configuration = load(text, "am.yml")
    assert configuration.warnings == (
        "'d=' is read in the older syntax (end of input: expected label value); write d=\"\"",
    )


def test_aliases_cannot_make_it_huge() -> None:
    fields = "{a0: &a0 [x]"
    for n in range(1, 9):
        fields += f", a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]"
    jira = f"{{name: all, jira_configs: [{{project: p, issue_type: i, fields: {fields}}}}}]}}"
    (fault,) = _faults(SMALL.replace("{name: all}", jira))
    assert fault.endswith("more than 100000 values")


@pytest.mark.parametrize("depth", [100, 200, 5_000])
def test_what_is_nested_too_deeply_is_refused(depth: int) -> None:
    fields = "{a: " * depth + "1" + "}" * depth
    jira = f"{{name: all, jira_configs: [{{project: p, issue_type: i, fields: {fields}}}]}}"
    (fault,) = _faults(SMALL.replace("{name: all}", jira))
    assert "nested" in fault


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yml: cannot be read"):
        load_file(tmp_path / "none.yml")
