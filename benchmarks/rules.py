"""How many rules a minute are evaluated over many series, while these go on arriving.

    python benchmarks/rules.py [--series 100000] [--rules 1000] [--interval 60] [--minutes 3]

A server of its own gets the series of `benchmarks/promql.py`, a point each 15 s, first those of ten
minutes, then as the clock goes. Rules stand in groups of 20, each group asking about two of the
100 services: rates and quantiles by route, one of them recorded and read by another rule. Of each
group `--wide` rules ask about all services. CPU is that of the server and of the rules' workers
while the rules are watched, `--warm-up` seconds after they began; the time of an evaluation is
that of a group, from the server's own histogram.
"""

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from processes import family, times
from promql import STEP_S, fill

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.server import GoldeneyeProcess, running  # noqa: E402

_A_GROUP: Final = 20
_SERVICES: Final = 100
_EVALUATIONS: Final = "goldeneye_alerting_rule_evaluations_total"
_FAILURES: Final = "goldeneye_alerting_rule_failures_total"
_MISSED: Final = "goldeneye_alerting_rule_group_evaluations_missed_total"
_SECONDS: Final = "goldeneye_alerting_rule_group_evaluation_duration_seconds_bucket"


def rules(count: int, interval_s: int, wide: int) -> dict[str, Any]:
    """Groups of 20, as a rule file has them."""
    groups = range(count // _A_GROUP)
    return {
        "groups": [
            {"name": f"g{one}", "interval": f"{interval_s}s", "rules": _group(one, wide)}
            for one in groups
        ]
    }


def _group(group: int, wide: int) -> list[dict[str, str]]:
    service = f'job="service-{group * 2 % _SERVICES}"'
    recorded = f"g{group}:requests:rate5m"
    rate = f"sum by (http_route) (rate(http_server_requests_total{{{service}}}[5m]))"
    found = [
        {"record": recorded, "expr": rate},
        {"alert": "Quiet", "expr": f"sum({recorded}) < 0.001"},
    ]
    for number in range(wide):
        by_job = f"sum by (job) (rate(http_server_requests_total[{number + 1}m]))"
        found.append({"alert": f"Wide{number}", "expr": f"{by_job} < 0"})
    for number in range(_A_GROUP - len(found)):
        found.append({"alert": f"A{number}", "expr": _alert(group, number)})
    return found


def _alert(group: int, number: int) -> str:
    service = f'job="service-{(group * 2 + number % 2) % _SERVICES}"'
    code = f'http_response_status_code="{200 + number % 5}"'
    if number % 3 == 0:
        buckets = f"rate(http_server_duration_seconds_bucket{{{service},{code}}}[5m])"
        return f"histogram_quantile(0.99, sum by (le) ({buckets})) > 10"
    counted = f"rate(http_server_requests_total{{{service},{code}}}[5m])"
    return f"sum by (http_route) ({counted}) > 1e6"


class Arriving:
    """Goes on sending all series each 15 s."""

    def __init__(self, url: str, series: int) -> None:
        self._url, self._series = url, series
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(STEP_S - time.time() % STEP_S):
            fill(self._url, self._series, STEP_S / 3600, int(time.time()) // STEP_S * STEP_S)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)


def cpu_s(server: GoldeneyeProcess) -> Mapping[str, float]:
    """Of the server itself, of its query workers, and of what merges files and has ended."""
    own = server.process.pid
    found = dict.fromkeys(("server", "workers", "others"), 0.0)
    for pid in family(own):
        one = times(Path(f"/proc/{pid}"))
        found["others"] += one.children_s
        found["server" if pid == own else "workers" if _is_worker(pid) else "others"] += one.own_s
    return found


def _is_worker(pid: int) -> bool:
    return b"query.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()


def metrics(url: str) -> str:
    return httpx.get(f"{url}/metrics", timeout=30).raise_for_status().text


def total(text: str, name: str) -> float:
    """Over all labels."""
    return sum(float(one) for one in re.findall(rf"^{name}(?:{{.*?}})? (\S+)$", text, re.M))


def p95_s(before: str, after: str) -> float:
    """The upper bound of the bucket that has it."""
    first, last = _buckets(before), _buckets(after)
    grown = {bound: last[bound] - first.get(bound, 0.0) for bound in last}
    wanted = 0.95 * grown[float("inf")]
    return next(bound for bound, count in sorted(grown.items()) if count >= wanted)


def _buckets(text: str) -> dict[float, float]:
    pairs = re.findall(rf'^{_SECONDS}{{le="(.+?)"}} (\S+)$', text, re.M)
    return {float(bound): float(count) for bound, count in pairs}


def watch(server: GoldeneyeProcess, minutes: float) -> None:
    """One line of figures."""
    text, began, began_s = metrics(server.api_url), cpu_s(server), time.monotonic()
    time.sleep(minutes * 60)
    after, ended, taken_s = metrics(server.api_url), cpu_s(server), time.monotonic() - began_s
    per_minute = 60 / taken_s

    def grown(name: str) -> float:
        return (total(after, name) - total(text, name)) * per_minute

    print(
        f"{grown(_EVALUATIONS):8.0f} evaluations a minute, {grown(_FAILURES):.0f} failed, "
        f"{grown(_MISSED):.0f} times missed; a group p95 <= {p95_s(text, after)} s; "
        "CPU seconds a minute: "
        + ", ".join(f"{name} {(ended[name] - began[name]) * per_minute:.1f}" for name in ended)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--interval", type=int, default=60)
    parser.add_argument("--wide", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--warm-up", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yml"
        file.write_text('{"groups": []}')
        with running(
            Path(folder) / "data", GOLDENEYE_ALERTING__RULE_FILES=json.dumps([str(file)])
        ) as server:
            now_s = int(time.time()) // STEP_S * STEP_S
            fill(server.http_endpoint, options.series, 1 / 6, now_s)
            arriving = Arriving(server.http_endpoint, options.series)
            file.write_text(json.dumps(rules(options.rules, options.interval, options.wide)))
            httpx.post(f"{server.api_url}/-/reload", timeout=60).raise_for_status()
            time.sleep(options.warm_up)
            watch(server, options.minutes)
            arriving.stop()


if __name__ == "__main__":
    main()
