"""The configuration as it is written, before defaults and inheritance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, ClassVar, Final

from alerting import regex
from alerting.documents.decode import Refused, named, place
from alerting.documents.kinds import (
    DurationNs,
    FilePath,
    HostPort,
    Scalar,
    SecretText,
    SecretUrl,
    Url,
)
from alerting.durations import SECOND_NS
from alerting.matching.matcher import CLASSIC_NAME, Matcher, Matchers, Operator, written
from alerting.matching.parse import parse_matchers
from alerting.routing.receivers.http_config import HttpConfig, TlsConfig, at_most_one
from alerting.routing.receivers.receiver import Receiver
from alerting.routing.time_intervals import (
    Interval,
    Span,
    day_span,
    location,
    month_span,
    span_text,
    time_span,
    weekday_span,
    weekday_text,
    year_span,
)

ALL_LABELS: Final = "..."


@dataclass(frozen=True)
class ParsedMatchers:
    """Conditions, and what their author should know."""

    matchers: Matchers
    warning: str | None

    def __str__(self) -> str:
        return written(self.matchers)


def _regex(text: str) -> str:
    regex.check(f"^(?:{text})$")
    return text


MatcherList = tuple[
    Annotated[ParsedMatchers, Scalar(lambda t: ParsedMatchers(*parse_matchers(t)))], ...
]
Regexes = dict[str, Annotated[str, Scalar(_regex)]]
Weekdays = Annotated[Span, Scalar(weekday_span, weekday_text)]
Days = Annotated[Span, Scalar(day_span, span_text)]
Months = Annotated[Span, Scalar(month_span, span_text)]
Years = Annotated[Span, Scalar(year_span, span_text)]
Zone = Annotated[tzinfo, Scalar(location)]


def _conditions(
    equal: Mapping[str, str], expressions: Mapping[str, str], parsed: MatcherList
) -> Matchers:
    """Of all three ways to write them, in a fixed order."""
    matchers = [Matcher(name, Operator.EQUAL, value) for name, value in equal.items()]
    matchers += [Matcher(name, Operator.MATCHES, value) for name, value in expressions.items()]
    matchers += [matcher for each in parsed for matcher in each.matchers]
    return tuple(sorted(matchers, key=lambda m: (m.name, m.value, m.operator)))


def _check_names(where: str, names: Mapping[str, str]) -> None:
    for name in names:
        if not CLASSIC_NAME.fullmatch(name) or ":" in name:
            raise Refused(f"invalid label name {name!r}", where)


@dataclass(frozen=True)
class RouteSpec:
    """A node of the tree; what is None is inherited."""

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    match: dict[str, str] = field(default_factory=dict)
    match_re: Regexes = field(default_factory=dict)
    matchers: MatcherList = ()
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    continues: bool = named("continue", False)
    routes: "tuple[RouteSpec, ...]" = ()
    group_wait: DurationNs | None = None
    group_interval: DurationNs | None = None
    repeat_interval: DurationNs | None = None
    line: int = place()

    def check(self) -> None:
        _check_names("match", self.match)
        _check_names("match_re", self.match_re)
        if ALL_LABELS in self.group_by and len(self.group_by) > 1:
            raise Refused("cannot have wildcard group_by (`...`) and other labels at the same time",
                          "group_by")  # fmt: skip
        if "" in self.group_by:
            raise Refused("invalid label name '' in group_by list", "group_by")
        if len(set(self.group_by)) < len(self.group_by):
            raise Refused("duplicated label in group_by", "group_by")
        for name in ("group_interval", "repeat_interval"):
            if getattr(self, name) == 0:
                raise Refused(f"{name} cannot be zero", name)

    @property
    def conditions(self) -> Matchers:
        return _conditions(self.match, self.match_re, self.matchers)


@dataclass(frozen=True)
class InhibitSpec:
    """An inhibition rule."""

    name: str = ""
    source_match: dict[str, str] = field(default_factory=dict)
    source_match_re: Regexes = field(default_factory=dict)
    source_matchers: MatcherList = ()
    target_match: dict[str, str] = field(default_factory=dict)
    target_match_re: Regexes = field(default_factory=dict)
    target_matchers: MatcherList = ()
    equal: tuple[str, ...] = ()

    def check(self) -> None:
        for side in ("source", "target"):
            _check_names(f"{side}_match", getattr(self, f"{side}_match"))
            _check_names(f"{side}_match_re", getattr(self, f"{side}_match_re"))
        if "" in self.equal:
            raise Refused("invalid label name '' in equal list", "equal")

    @property
    def source(self) -> Matchers:
        return _conditions(self.source_match, self.source_match_re, self.source_matchers)

    @property
    def target(self) -> Matchers:
        return _conditions(self.target_match, self.target_match_re, self.target_matchers)


@dataclass(frozen=True)
class TimeRangeSpec:
    """From a time of day to another, the end excluded."""

    start_time: str
    end_time: str

    def check(self) -> None:
        time_span(self.start_time, self.end_time)

    @property
    def span(self) -> Span:
        return time_span(self.start_time, self.end_time)


@dataclass(frozen=True)
class IntervalSpec:
    """Fields of an interval; what is left out holds always."""

    times: tuple[TimeRangeSpec, ...] = ()
    weekdays: tuple[Weekdays, ...] = ()
    days_of_month: tuple[Days, ...] = ()
    months: tuple[Months, ...] = ()
    years: tuple[Years, ...] = ()
    location: Zone = UTC

    @property
    def interval(self) -> Interval:
        return Interval(
            tuple(time.span for time in self.times),
            self.weekdays,
            self.days_of_month,
            self.months,
            self.years,
            self.location,
        )


@dataclass(frozen=True)
class NamedIntervals:
    """Intervals that routes know by one name."""

    name: str
    time_intervals: tuple[IntervalSpec, ...] = ()
    line: int = place()

    def check(self) -> None:
        if not self.name:
            raise Refused("missing name in time interval", "name")


@dataclass(frozen=True)
class GlobalSpec:
    """What receivers take where they say nothing themselves."""

    resolve_timeout: DurationNs = 300 * SECOND_NS
    http_config: HttpConfig = field(default_factory=HttpConfig)
    jira_api_url: Url | None = None
    smtp_from: str = ""
    smtp_hello: str = "localhost"
    smtp_smarthost: HostPort = ""
    smtp_auth_username: str = ""
    smtp_auth_password: SecretText | None = None
    smtp_auth_password_file: FilePath = ""
    smtp_auth_secret: SecretText | None = None
    smtp_auth_secret_file: FilePath = ""
    smtp_auth_identity: str = ""
    smtp_require_tls: bool = True
    smtp_tls_config: TlsConfig = field(default_factory=TlsConfig)
    smtp_force_implicit_tls: bool | None = None
    slack_api_url: SecretUrl | None = None
    slack_api_url_file: FilePath = ""
    slack_app_token: SecretText | None = None
    slack_app_token_file: FilePath = ""
    # Not written out where nobody says it: older amtool does not know it.
    slack_app_url: Url = ""
    pagerduty_url: Url = "https://events.pagerduty.com/v2/enqueue"
    opsgenie_api_url: Url = "https://api.opsgenie.com/"
    opsgenie_api_key: SecretText | None = None
    opsgenie_api_key_file: FilePath = ""

    # Of kinds of receivers that we do not have.
    IGNORED: ClassVar = frozenset(
        f"{kind}_{key}"
        for kind, names in {
            "wechat": "api_url api_secret api_secret_file api_corp_id",
            "victorops": "api_url api_key api_key_file",
            "telegram": "api_url bot_token bot_token_file",
            "webex": "api_url",
            "rocketchat": "api_url token token_file token_id token_id_file",
            "mattermost": "webhook_url webhook_url_file",
        }.items()
        for key in names.split()
    )

    def check(self) -> None:
        for name in (
            "slack_api_url", "slack_app_token", "opsgenie_api_key",
            "smtp_auth_password", "smtp_auth_secret",
        ):  # fmt: skip
            file = f"{name}_file"
            at_most_one(**{name: getattr(self, name), file: getattr(self, file)})
        if (self.slack_api_url or self.slack_api_url_file) and (
            self.slack_app_token or self.slack_app_token_file
        ):
            raise Refused("at most one of slack_api_url & slack_app_token must be configured")


@dataclass(frozen=True)
class ConfigSpec:
    """The whole document."""

    global_: GlobalSpec = field(default_factory=GlobalSpec, metadata={"key": "global"})
    route: RouteSpec | None = None
    inhibit_rules: tuple[InhibitSpec, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    templates: tuple[FilePath, ...] = ()
    mute_time_intervals: tuple[NamedIntervals, ...] = ()
    time_intervals: tuple[NamedIntervals, ...] = ()

    # Alertmanager's own traces.
    IGNORED: ClassVar = frozenset(("tracing",))
