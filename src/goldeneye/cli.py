"""The command line. Each command imports what it needs when it runs, so that help is quick."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from goldeneye import __version__
from goldeneye.errors import GoldeneyeError

app = typer.Typer(
    name="goldeneye",
    help="An OpenTelemetry-native collector backend: durable OTLP in, Parquet and SQL out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A YAML configuration file.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Where the data is kept.")
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar="GOLDENEYE_TOKEN",
        show_envvar=True,
        help="A bearer token. On the command line others can see it: prefer the variable.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="GOLDENEYE_CA_FILE", help="Whom to trust, as PEM."),
]
CertFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="GOLDENEYE_CERT_FILE", help="A client certificate, PEM."),
]
KeyFile = Annotated[
    Path | None, typer.Option(metavar="FILE", envvar="GOLDENEYE_KEY_FILE", help="And its key.")
]
tests = typer.Typer(
    name="test", help="Try rules and routes before they are used.", no_args_is_help=True
)
app.add_typer(tests)
API_URL = "http://127.0.0.1:8317"
OTLP_URL = "http://127.0.0.1:4318"


def main() -> None:
    """The entry point: expected failures become one message and exit code 1."""
    try:
        app()
    except GoldeneyeError as error:
        print(f"goldeneye: {error}", file=sys.stderr)
        sys.exit(1)


@app.callback()
def _before() -> None:
    # Unless told otherwise, it goes to standard output, where the answers are.
    from goldeneye import logs

    logs.configure()


@app.command()
def serve(config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Take OTLP, keep it, answer: run until SIGTERM."""
    from goldeneye.commands.serve import serve as run

    raise typer.Exit(run(_load(config, data_dir)))


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT statement.")],
    output: Annotated[
        str, typer.Option("--format", help="table, json, csv, arrow or parquet.")
    ] = "table",
    server: Annotated[
        str, typer.Option(metavar="URL", help="The API of a running server.")
    ] = API_URL,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Read this folder instead; a server may run on it."),
    ] = None,
    token: Token = None,
    ca_file: CaFile = None,
    cert_file: CertFile = None,
    key_file: KeyFile = None,
) -> None:
    """Ask in SQL, over everything that was acknowledged."""
    from goldeneye.commands.credentials import Credentials
    from goldeneye.commands.sql import sql as run

    credentials = Credentials(token, ca_file, cert_file, key_file)
    raise typer.Exit(run(statement, output, server, data_dir, credentials))


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    endpoint: Annotated[
        str, typer.Option(metavar="URL", help="OTLP over HTTP of a running server.")
    ] = OTLP_URL,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write this folder instead; no server may run on it."),
    ] = None,
    signal: Annotated[
        str | None, typer.Option(help="traces, metrics or logs, where a file does not tell.")
    ] = None,
    token: Token = None,
    ca_file: CaFile = None,
    cert_file: CertFile = None,
    key_file: KeyFile = None,
) -> None:
    """Read files of the Collector's file exporter: OTLP JSON lines or protobuf."""
    from goldeneye.commands.credentials import Credentials
    from goldeneye.commands.import_ import import_files

    credentials = Credentials(token, ca_file, cert_file, key_file)
    raise typer.Exit(import_files(files, endpoint, data_dir, signal, credentials))


@app.command()
def verify(
    data_dir: Annotated[Path, typer.Option(metavar="DIR")] = Path("data"),
    rebuild_catalog: Annotated[
        bool, typer.Option(help="Make the catalog anew from the files.")
    ] = False,
) -> None:
    """Compare the catalog with the files; exit code 0 only where all is well."""
    from goldeneye.commands.verify import verify as run

    raise typer.Exit(run(data_dir, rebuild_catalog))


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Does not exist, or is empty.")],
    data_dir: Annotated[
        Path, typer.Option(metavar="DIR", help="What to copy; a server may run on it.")
    ] = Path("data"),
) -> None:
    """Copy a data folder, consistently, into a folder from which a server can start."""
    from goldeneye.commands.backup import backup as run

    raise typer.Exit(run(target, data_dir))


@app.command()
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE…")]) -> None:
    """Check configuration files, rule files and Alertmanager's configurations."""
    from goldeneye.commands.check import check as run

    raise typer.Exit(run(files))


@tests.command(name="rules")
def try_rules(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    run: Annotated[
        list[str] | None,
        typer.Option(metavar="REGEX", help="Only tests whose name matches; may be repeated."),
    ] = None,
    ignore_unknown_fields: Annotated[
        bool, typer.Option(help="Take rule files with fields that are not known.")
    ] = False,
) -> None:
    """Run promtool's unit-test files; exit code 1 where one fails."""
    from goldeneye.commands.rule_tests import run_tests

    raise typer.Exit(run_tests(files, run or (), ignore_unknown_fields))


@tests.command(name="route")
def try_route(
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="LABELS…", help="Of the alert: name=value.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Goldeneye's configuration, or an Alertmanager's."),
    ] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Show all routes.")] = False,
    verify_receivers: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Fail where others are told: names with commas."),
    ] = None,
) -> None:
    """Say who is told of an alert with these labels, and by which route."""
    from goldeneye.commands.routes import show_routes as run

    raise typer.Exit(run(labels or (), config, tree, verify_receivers))


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Send a few hundred traces, then end.")
    ] = False,
    rate: Annotated[float, typer.Option(help="Traces a second.", min=0.1)] = 10.0,
    token: Token = None,
    ca_file: CaFile = None,
    cert_file: CertFile = None,
    key_file: KeyFile = None,
) -> None:
    """A small shop, instrumented with the OpenTelemetry SDK, sends its telemetry."""
    from goldeneye.commands.credentials import Credentials
    from goldeneye.commands.demo import demo as run

    Credentials(token, ca_file, cert_file, key_file).to_sdk()
    raise typer.Exit(run(once, rate))


@app.command()
def version() -> None:
    """Print the version."""
    print(f"goldeneye {__version__}")


def _load(config: Path | None, data_dir: Path | None) -> Any:
    from goldeneye.config_file import load

    flags: dict[str, Any] = {} if data_dir is None else {"data_dir": data_dir}
    return load(config, flags)


if __name__ == "__main__":
    main()
