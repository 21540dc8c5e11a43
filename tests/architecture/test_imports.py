"""Who may import whom, and where third parties live."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PACKAGES = ("goldeneye", "otlp_receiver", "storage", "query", "alerting")
# What the parts may import of goldeneye: words without behaviour of their own.
SHARED_WORDS = {
    "goldeneye",
    "goldeneye.addresses",
    "goldeneye.allocator",
    "goldeneye.clock",
    "goldeneye.cursor",
    "goldeneye.decoded",
    "goldeneye.durations",
    "goldeneye.endless",
    "goldeneye.errors",
    "goldeneye.grpc_credentials",
    "goldeneye.http_server",
    "goldeneye.limits",
    "goldeneye.occasionally",
    "goldeneye.reloaded",
    "goldeneye.schemas",
    "goldeneye.snapshot",
    "goldeneye.sql_files",
    "goldeneye.state_file",
    "goldeneye.telemetry",
    "goldeneye.text_files",
    "goldeneye.times",
    "goldeneye.tls",
    "goldeneye.tokens",
}
# Third party -> the modules that may import it (`a.` is all below a, `*.a` each that is named a).
HOMES = {
    "grpc": (
        "goldeneye.grpc_credentials",
        "otlp_receiver.grpc_server",
        "otlp_receiver.grpc_extras",
        "otlp_receiver.one_message",
        "query.grpc_service.server",
    ),
    "duckdb": (
        "query.",
        "storage.derived",
        "storage.rollups.compute",
        "goldeneye",
        "goldeneye.notebook",
    ),
    "fastapi": ("*.api", "goldeneye.problems"),
    "uvicorn": (
        "goldeneye.http_server",
        "goldeneye.http_connection",
        "goldeneye.http_protocol",
    ),
    "httpx": ("alerting.notifying.http_client", "goldeneye.commands."),
    "aiosmtplib": ("alerting.notifying.smtp",),
    "typer": ("goldeneye.cli",),
    "sqlite3": ("storage.", "query.exceptions.states", "alerting.state.database"),
    "opentelemetry.sdk": ("goldeneye.demo.",),
    "goldeneye_native": (
        "otlp_receiver.decoding.native",
        "query.bottlenecks.kernel",
        "query.worker.by_trace",
        "query.worker.letters",
        "storage.compaction.promotion",
        "storage.native_derivation",
        "storage.wal.checksums",
    ),
}


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((SOURCE / package).rglob("*.py")):
            if not path.stem.endswith("_pb2"):
                parts = path.relative_to(SOURCE).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _imports(path: Path) -> Iterator[str]:
    """Every module that a file names, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_module(name: str) -> bool:
    path = SOURCE / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


MODULES = list(_modules())


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_the_parts_do_not_import_one_another(module: str, path: Path) -> None:
    own = module.split(".")[0]
    if own == "goldeneye":
        return  # it joins the others
    for imported in _imports(path):
        package = imported.split(".")[0]
        assert package == own or package not in PACKAGES[1:], f"{module} imports {imported}"
        if package == "goldeneye" and _is_module(imported):
            assert imported in SHARED_WORDS, f"{module} imports {imported}"


@pytest.mark.parametrize("word", sorted(SHARED_WORDS - {"goldeneye"}))
def test_shared_words_import_no_part(word: str) -> None:
    path = SOURCE / Path(*word.split(".")).with_suffix(".py")
    for imported in _imports(path):
        assert imported.split(".")[0] not in PACKAGES[1:], f"{word} imports {imported}"


@pytest.mark.parametrize("party", sorted(HOMES))
def test_third_parties_stay_at_home(party: str) -> None:
    for module, path in MODULES:
        at_home = any(
            module == home
            or (home.endswith(".") and f"{module}.".startswith(home))
            or (home.startswith("*.") and module.endswith(home[1:]))
            for home in HOMES[party]
        )
        if not at_home:
            strangers = [i for i in _imports(path) if i == party or i.startswith(f"{party}.")]
            assert not strangers, f"{module} imports {strangers[0]}; its home is {HOMES[party]}"
