"""Jira: an issue for each group, opened, brought up to date, closed and opened again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from alerting.alert import Status
from alerting.durations import MINUTE_NS
from alerting.notifying.http_client import Answer, json_request, refused
from alerting.notifying.http_credentials import Http
from alerting.notifying.jira_issue import fields_of, group_label
from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.texts import Texts
from alerting.routing.receivers.jira import JiraConfig
from alerting.templates.engine import Engine

_CLOUD: Final = "atlassian.net"
_DONE: Final = "done"


@dataclass(frozen=True)
class Jira:
    """The group is a label of the issue: `ALERT{hash}`."""

    config: JiraConfig
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        firing = notification.status == Status.FIRING
        project = texts.needed("project", config.project)
        issue = await self._found(_search(config, project, notification.key_hash, firing))
        if issue is None and not firing:
            return Sent(text="there is no open issue to close")
        body = fields_of(config, texts, notification.key_hash, project, existing=issue is not None)
        if issue is None:
            answer = await self._call("POST", "/issue", body)
            return Sent(answer.status, template_errors=tuple(texts.errors))
        answer = await self._call("PUT", f"/issue/{quote(issue['key'])}", body)
        await self._move(issue, firing=firing)
        return Sent(answer.status, template_errors=tuple(texts.errors))

    async def _found(self, jql: str) -> Mapping[str, Any] | None:
        """The issue that belongs to the group."""
        url, body = self._search_url(), {"jql": jql, "maxResults": 2, "fields": ["status"]}
        answer = await self._call("POST", url, body)
        issues = _read(answer).get("issues") or []
        return issues[0] if issues and issues[0].get("key") else None

    def _search_url(self) -> str:
        """Jira Cloud took its older search away; the data center has no other."""
        url = (self.config.api_url or "").rstrip("/")
        cloud = (urlsplit(url).hostname or "").endswith(_CLOUD)
        if self.config.api_type == "cloud" or (self.config.api_type == "auto" and cloud):
            return f"{url.removesuffix('/2').removesuffix('/3')}/3/search/jql"
        return f"{url}/search"

    async def _move(self, issue: Mapping[str, Any], *, firing: bool) -> None:
        """Through the workflow, where the issue is not where it belongs."""
        status = (issue.get("fields") or {}).get("status") or {}
        done = (status.get("statusCategory") or {}).get("key") == _DONE
        name = self.config.reopen_transition if firing else self.config.resolve_transition
        if done != firing or not name:
            return
        path = f"/issue/{quote(issue['key'])}/transitions"
        answer = await self._call("GET", path, None)
        ids = [t["id"] for t in _read(answer).get("transitions") or [] if t.get("name") == name]
        if not ids:
            reason = f"issue {issue['key']} has no transition {name!r}"
            raise refused(answer, reason, retryable=False)
        await self._call("POST", path, {"transition": {"id": ids[0]}})

    async def _call(self, method: str, path: str, body: Any) -> Answer:
        url = path if "://" in path else (self.config.api_url or "").rstrip("/") + path
        headers = {"Accept-Language": "en"}
        request = json_request(method, url, body, headers=headers, secret_url=False)
        try:
            return await self.http.send(request)
        except SendFailed as error:
            raise error.of(f"{method} {urlsplit(url).path}") from None


def _read(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refused(answer, "Jira's answer is no JSON object", retryable=False)
    return found


def _search(config: JiraConfig, project: str, key_hash: str, firing: bool) -> str:
    """In Jira's query language: open issues, and those closed so lately that they are reopened."""
    conditions = list[str]()
    if config.wont_fix_resolution:
        conditions.append(f"resolution != {_quoted(config.wont_fix_resolution)}")
    minutes = config.reopen_duration // MINUTE_NS
    if firing and config.reopen_transition and minutes:
        conditions.append(f"(resolutiondate is EMPTY OR resolutiondate >= -{minutes}m)")
    else:
        conditions.append("statusCategory != Done")
    conditions.append(f"project={_quoted(project)} and labels={_quoted(group_label(key_hash))}")
    return " and ".join(conditions) + " order by status ASC,resolutiondate DESC"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
