"""The OpenTelemetry JavaScript SDK, which sends OTLP JSON over HTTP."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.server import GoldeneyeProcess

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node on this machine"),
]


def test_json_over_http_is_read_back_equal(
    javascript_client: Path, goldeneye_server: GoldeneyeProcess
) -> None:
    sent = subprocess.run(
        ["node", "send.mjs"],
        cwd=javascript_client,
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": goldeneye_server.http_endpoint},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert sent.returncode == 0, sent.stderr
    trace_id = json.loads(sent.stdout)["traceId"]

    child, root = goldeneye_server.sql(
        "SELECT *, CAST(attributes AS VARCHAR) AS all_attributes FROM spans "
        "WHERE trace_id = $trace_id ORDER BY parent_span_id NULLS LAST",
        {"trace_id": trace_id},
    )
    # The SDK writes a number without a fraction as intValue.
    assert json.loads(root["all_attributes"]) == {
        "http.route": "/checkout",
        "shop.text": "ein Schlüssel ☃",
        "shop.integer": 42,
        "shop.double": 0.1,
        "shop.flag": True,
        "shop.list": ["a", "b"],
    }
    assert root["service_name"] == "browser-shop"
    assert (root["name"], root["kind"]) == ("checkout", "server")
    assert child["parent_span_id"] == root["span_id"]
    assert (child["status_code"], child["status_message"]) == ("error", "card declined")
    assert child["events"][0]["name"] == "declined"

    (record,) = goldeneye_server.sql("SELECT * FROM logs")
    assert json.loads(record["body"]) == {"what": "declined", "amount": 12.5}
    assert (record["trace_id"], record["span_id"]) == (trace_id, root["span_id"])
    assert record["severity_number"] == 13

    points = {row["name"]: row for row in goldeneye_server.sql("SELECT * FROM metrics")}
    assert points["shop.orders"]["value"] == 3.0
    assert points["shop.orders"]["unit"] == "{order}"
    assert (points["shop.total"]["count"], points["shop.total"]["sum"]) == (1, 12.5)
