"""What the docs must name: every key, route and metric, and no link that leads nowhere."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from alerting.api import routers as alerting_routers
from goldeneye import api, telemetry
from goldeneye.config import Config
from goldeneye.config_file import known_keys
from query.api import routers

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("key", list(known_keys(Config)))
def test_every_configuration_key_is_documented(key: str) -> None:
    assert f"`{key}`" in (DOCS / "configuration.md").read_text(encoding="utf-8")


def test_every_route_is_documented() -> None:
    pages = [DOCS / "api.md", *sorted((DOCS / "api").glob("*.md"))]
    page = "".join(one.read_text(encoding="utf-8") for one in pages)
    given = [*routers(None), *alerting_routers(None, None)]  # type: ignore[arg-type]
    application = api.app(dict, lambda: True, given)  # type: ignore[arg-type]
    for path, methods in application.openapi()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page


def test_every_metric_is_documented_as_it_is_and_no_other() -> None:
    """Name, type and labels; tests/acceptance/test_metrics.py compares with what is exported."""
    metrics = [m for m in vars(telemetry).values() if isinstance(m, MetricWrapperBase)]
    known = {(*_family(metric), metric._labelnames) for metric in metrics}
    rows = (DOCS / "metrics.md").read_text(encoding="utf-8").split("|---|---|---|---|\n")[1]
    documented = set()
    for row in rows.splitlines():
        name, kind, labels, _ = (cell.strip() for cell in row.strip("|").split("|", 3))
        documented.add((name.strip("`"), kind, tuple(re.findall(r"`(\w+)`", labels))))
    assert documented == known


def _family(metric: MetricWrapperBase) -> tuple[str, str]:
    family = metric.describe()[0]
    return family.name + ("_total" if family.type == "counter" else ""), family.type


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
