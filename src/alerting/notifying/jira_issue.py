"""The fields of a Jira issue."""

import json
from typing import Any, Final

from alerting.notifying.texts import Texts, truncated
from alerting.routing.receivers.jira import JiraConfig

_MAX_SUMMARY_CHARS: Final = 255
_MAX_DESCRIPTION_CHARS: Final = 32_767


def group_label(key_hash: str) -> str:
    """By which a group's issue is found again."""
    return f"ALERT{{{key_hash}}}"


def fields_of(
    config: JiraConfig, texts: Texts, key_hash: str, project: str, *, existing: bool
) -> dict[str, Any]:
    """The body of the request that makes the issue, or changes an `existing` one."""
    fields: dict[str, Any] = {
        "project": {"key": project},
        "issuetype": {"name": texts.word(config.issue_type)},
    }
    body = dict[str, Any]()
    if not existing or config.summary.enable_update:
        # A summary of several lines is refused.
        summary = " ".join(texts.prose(config.summary.template).split())
        fields["summary"] = truncated(summary, _MAX_SUMMARY_CHARS)
    if not existing or config.description.enable_update:
        fields["description"] = _description(config, texts)
    if priority := texts.word(config.priority):
        fields["priority"] = {"name": priority}
    labels = sorted({*map(texts.word, config.labels.values), group_label(key_hash)} - {""})
    if not existing or (config.labels.enable_update and config.labels.update_mode == "replace"):
        fields["labels"] = labels
    elif config.labels.enable_update:
        body["update"] = {"labels": [{"add": label} for label in labels]}
    own = {str(name): texts.deep(value) for name, value in config.fields.items()}
    return {"fields": {**fields, **own}, **body}


def _description(config: JiraConfig, texts: Texts) -> Any:
    """Version 3 of the API takes documents only: the template may write one, or plain text."""
    text = texts.prose(config.description.template)
    if not (config.api_url or "").rstrip("/").endswith("/3"):
        return truncated(text, _MAX_DESCRIPTION_CHARS)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    return document if isinstance(document, dict) else _document(text)


def _document(text: str) -> dict[str, Any]:
    shown = truncated(text, _MAX_DESCRIPTION_CHARS)
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]}
        for line in shown.splitlines()
        if line.strip()
    ]
    return {"version": 1, "type": "doc", "content": paragraphs}
