"""The examples of docs/api.md, asked of a real server: answers have the members that they show."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.server import GoldeneyeProcess

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
# A heading with a route, the curl below it, and the answer below that.
EXAMPLE = re.compile(
    r"^## `(?P<route>[A-Z]+ [^`]+)`\n.*?^```sh\n(?P<curl>.*?)^```\n```\w+\n(?P<answer>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
EXAMPLES = {found["route"]: (found["curl"], found["answer"]) for found in EXAMPLE.finditer(PAGE)}


def shape(value: Any) -> Any:
    """Names of members and kinds of values; how many there are in a list does not matter."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return []
    return type(value).__name__


def ask(server: GoldeneyeProcess, curl: str) -> str:
    address = server.api_url.removeprefix("http://")
    command = curl.replace("localhost:8317", address)
    found = subprocess.run(
        command, shell=True, capture_output=True, text=True, timeout=60, check=True
    )
    return found.stdout


def test_the_examples_are_of_routes_that_there_are(goldeneye_server: GoldeneyeProcess) -> None:
    paths = httpx.get(f"{goldeneye_server.api_url}/openapi.json").json()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert EXAMPLES
    assert routes >= set(EXAMPLES)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("route", EXAMPLES)
def test_the_example_is_true(goldeneye_server: GoldeneyeProcess, route: str) -> None:
    curl, answer = EXAMPLES[route]
    found = ask(goldeneye_server, curl)
    if route == "GET /metrics":
        names = re.findall(r"^[a-z_]+", answer, re.MULTILINE)
        assert names
        assert all(re.search(rf"^{name} ", found, re.MULTILINE) for name in names)
    else:
        assert shape(json.loads(found)) == shape(json.loads(answer))


def test_the_roots_lead_to_the_documentation(goldeneye_server: GoldeneyeProcess) -> None:
    answer = httpx.get(goldeneye_server.api_url, follow_redirects=True)
    assert answer.url.path == "/docs"
    assert answer.headers["content-type"].startswith("text/html")
