"""Configuration: sources in their order, and mistakes named with their place."""

from pathlib import Path

import pytest

from goldeneye.config import Config
from goldeneye.config_file import known_keys, load
from goldeneye.errors import ConfigurationError


def _file(folder: Path, text: str) -> Path:
    path = folder / "goldeneye.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_the_contract() -> None:
    config = load(None, {}, {})
    assert config.receiver.grpc.endpoint == "127.0.0.1:4317"
    assert config.receiver.http.endpoint == "127.0.0.1:4318"
    assert config.api.endpoint == "127.0.0.1:8317"
    assert config.receiver.grpc.max_recv_msg_size_mib == 64
    assert config.receiver.http.max_request_body_size_mib == 64
    assert (config.wal.sync, config.wal.segment_max_mib) == ("group", 64)
    assert (config.wal.segment_max_age_s, config.wal.max_backlog_mib) == (10, 1024)
    assert config.query.max_rows == 1_000_000


def test_the_later_source_wins(tmp_path: Path) -> None:
    file = _file(tmp_path, "data_dir: from-file\nwal: {segment_max_mib: 2, sync: none}\n")
    environment = {"GOLDENEYE_DATA_DIR": "from-env", "GOLDENEYE_WAL__SEGMENT_MAX_MIB": "3"}

    config = load(file, {"data_dir": "from-flag"}, environment)

    assert config.data_dir == Path("from-flag")
    assert (config.wal.segment_max_mib, config.wal.sync) == (3, "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wal:\n  segment_max_mb: 2\n", "2: unknown key .*did you mean `wal.segment_max_mib`"),
        ("recever: {}\n", "1: unknown key `recever`; did you mean `receiver`"),
        ("wal: {sync: none}\nwal: {segment_max_mib: 2}\n", "2: `wal` is there twice, see 1"),
        ("wal: {sync: none, sync: group}\n", "1: `wal.sync` is there twice, see 1"),
        ("wal: &wal\n  wal: *wal\n", "2: unknown key `wal.wal`"),
        ("wal:\n  sync: sometimes\n", "2: wal.sync: .*sometimes"),
        ("wal:\n  segment_max_mib: 0\n", "2: wal.segment_max_mib: .*given: 0"),
        ("wal: {segment_max_mib: 8, max_backlog_mib: 4}\n", "must hold one segment"),
        ("receiver:\n  grpc:\n    endpoint: here\n", "3: receiver.grpc.endpoint"),
        ("receiver: {max_in_flight_mib: 1}\n", "must hold one request"),
        ("receiver: {http: {max_request_body_size_mib: 65}}\n", "max_request_body_size_mib"),
        ("receiver: {grpc: {max_concurrent_streams: 99}}\n", "max_concurrent_streams"),
        ("receiver: {http: {cors: {allowed_origins: [https://a.b/]}}}\n", "is no origin"),
        ("receiver: {http: {cors: {allowed_origins: [a.b]}}}\n", "is no origin"),
        ("receiver: {http: {cors: {allowed_headers: [X-A]}}}\n", "without allowed_origins"),
        ("retention: {spans: 1 month}\n", "such as 30d"),
        ("wal: [\n", "is not YAML"),
        ("- a\n- b\n", "must be a mapping"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    file = _file(tmp_path, text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(file, {}, {})
    if "must hold" not in message:
        assert str(file) in str(caught.value)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    file = _file(tmp_path, "wal: {sync: x}\nquery: {threads: 0}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(file, {}, {})
    assert len(str(caught.value).splitlines()) == 2


def test_an_unknown_variable_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean GOLDENEYE_WAL__SYNC"):
        load(None, {}, {"GOLDENEYE_WAL__SINC": "group"})


def test_lists_in_the_environment_are_json() -> None:
    variable = "GOLDENEYE_ALERTING__RULE_FILES"
    assert load(None, {}, {variable: '["a.yml"]'}).alerting.rule_files == ("a.yml",)
    with pytest.raises(ConfigurationError, match=rf'{variable}: .*\["a.yml"\]'):
        load(None, {}, {variable: "a.yml"})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: cannot be read"):
        load(tmp_path / "nowhere.yaml", {}, {})


def test_a_receiver_is_turned_off_by_null(tmp_path: Path) -> None:
    config = load(_file(tmp_path, "receiver: {grpc: {endpoint: null}}\n"), {}, {})
    assert config.receiver.grpc.endpoint is None


def test_a_receiver_is_turned_off_by_null_in_the_environment() -> None:
    config = load(None, {}, {"GOLDENEYE_RECEIVER__GRPC__ENDPOINT": "null"})
    assert config.receiver.grpc.endpoint is None


def test_promoted_keys_come_after_the_well_known(tmp_path: Path) -> None:
    file = _file(tmp_path, "storage: {promote: {attributes: {shop.order: int}}}\n")
    promoted = load(file, {}, {}).promoted()
    assert list(promoted.attributes)[-1] == "shop.order"
    assert "http.route" in promoted.attributes


def test_known_keys_reach_every_leaf() -> None:
    keys = set(known_keys(Config))
    assert {"data_dir", "receiver.grpc.endpoint", "storage.promote.attributes"} <= keys
