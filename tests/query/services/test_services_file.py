"""What people say of services: read, refused with the nearest key, read again, and joined."""

from pathlib import Path

import pytest
from support.backend import backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import span

from goldeneye.errors import StartupError
from query.services.services_file import ServiceEntry, ServicesFile, read_services

GOOD = """
services:
  shop:
    owner: payments
    tier: 1
    tags: [pci]
    runbook: https://wiki.example.com/shop
    repository: https://git.example.com/shop
    health_endpoint: http://shop:8080/healthz
    expected_silence: 10m
  idle: {}
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "services.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_entries(tmp_path: Path) -> None:
    entries = read_services(_written(tmp_path, GOOD))
    assert entries["shop"].owner == "payments"
    assert entries["shop"].tags == ("pci",)
    assert entries["idle"] == ServiceEntry()
    assert read_services(_written(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("services: {shop: {ownr: me}}", "unknown key `services.shop.ownr`; did you mean `owner`?"),
        ("service: {}", "unknown key `service`; did you mean `services`?"),
        ("services: {shop: {expected_silence: soon}}", "services.shop.expected_silence: 'soon'"),
        ("services: {shop: {health_endpoint: shop}}", "services.shop.health_endpoint"),
        ("services: [shop]", "services: "),
        ("services: {", "is not YAML"),
        ("- shop", "services.yaml: "),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(StartupError) as caught:
        ServicesFile(_written(tmp_path, text))
    assert words in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="cannot be read"):
        ServicesFile(tmp_path / "none.yaml")


def test_it_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = _written(tmp_path, GOOD)
    file = ServicesFile(path)
    _written(tmp_path, "services: {shop: {owner: others}}  # longer")
    assert file.entries()["shop"].owner == "others"
    _written(tmp_path, "services: {shop: {own: nobody}}")
    assert file.entries()["shop"].owner == "others"
    assert file.error is not None
    _written(tmp_path, GOOD)
    assert file.entries()["shop"].owner == "payments"
    assert file.error is None


def test_it_is_joined_with_the_services(tmp_path: Path) -> None:
    with backend(tmp_path / "data") as whole:
        whole.service.services_file = ServicesFile(_written(tmp_path, GOOD))
        whole.send(spans_request([span(START_NS - 1)]), spans_request([span(START_NS - 1)], "x"))
        listed = whole.get("/api/v1/services")["services"]
    assert listed[0]["described"]["owner"] == "payments"
    assert listed[0]["described"]["expected_silence"] == "10m"
    assert listed[1]["described"] is None
