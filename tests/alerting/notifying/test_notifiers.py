"""Every kind of receiver has a notifier and a section of the page, whose examples can be used."""

import re
from pathlib import Path

import pytest
import yaml
from support.notifying import NOW_NS

from alerting.notifying.notifiers import sender
from alerting.notifying.templates import engine
from alerting.routing.configuration import load
from alerting.routing.receivers.receiver import KINDS
from goldeneye.clock import ManualClock

PAGE = (Path(__file__).parents[3] / "docs" / "notifiers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGERDUTY_KEY", "AWS_SECRET"):
        monkeypatch.setenv(name, "hush")


@pytest.mark.parametrize("example", EXAMPLES, ids=[e.split("_")[0] for e in EXAMPLES])
def test_examples_of_the_page_can_be_used(example: str) -> None:
    receiver = {"name": "team", **yaml.safe_load(example)}
    text = yaml.safe_dump({"route": {"receiver": "team"}, "receivers": [receiver]})
    clock = ManualClock(NOW_NS)
    (integration,) = load(text, "am.yml").receivers["team"].integrations()
    assert sender(integration, engine(clock.now_ns), clock).integration is integration


def test_every_kind_is_on_the_page() -> None:
    first = PAGE.split("**Attempts.**")[0]
    assert set(KINDS) <= set(re.findall(r"`(\w+)`", first))
    assert {yaml.safe_load(e).popitem()[0].removesuffix("_configs") for e in EXAMPLES} >= (
        set(KINDS) - {"msteams"}
    )
