"""Jira issues, opened, updated and closed."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from alerting.documents.decode import Refused
from alerting.documents.kinds import DurationNs, Url
from alerting.routing.receivers.http_config import HttpConfig


@dataclass(frozen=True)
class JiraField:
    """A text, and whether an issue that is there gets it as well."""

    template: str = ""
    enable_update: bool = True
    SHORT: ClassVar = "template"


@dataclass(frozen=True)
class JiraLabels:
    """Labels, and how an issue that is there gets them: `replace` or `merge`."""

    values: tuple[str, ...] = ()
    enable_update: bool = True
    update_mode: str = "replace"
    SHORT: ClassVar = "values"

    def check(self) -> None:
        if self.update_mode not in ("replace", "merge"):
            raise Refused("update_mode must be replace or merge", "update_mode")


@dataclass(frozen=True)
class JiraConfig:
    """All texts but the address and transitions are templates."""

    project: str
    issue_type: str
    send_resolved: bool = True
    http_config: HttpConfig | None = None
    api_url: Url | None = None
    api_type: str = "auto"
    summary: JiraField = field(
        default_factory=lambda: JiraField('{{ template "jira.default.summary" . }}')
    )
    description: JiraField = field(
        default_factory=lambda: JiraField('{{ template "jira.default.description" . }}')
    )
    labels: JiraLabels = field(default_factory=JiraLabels)
    priority: str = '{{ template "jira.default.priority" . }}'
    reopen_transition: str = ""
    resolve_transition: str = ""
    wont_fix_resolution: str = ""
    reopen_duration: DurationNs = 0
    fields: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        if self.api_type not in ("auto", "cloud", "datacenter"):
            raise Refused("api_type must be auto, cloud or datacenter", "api_type")
