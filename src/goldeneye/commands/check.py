"""`goldeneye check FILE…`: are configurations, with what they name, rules, SLOs, routes usable?"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from alerting.engine.configured import configured
from alerting.engine.loading import load_files
from alerting.slo import loader
from goldeneye import wiring
from goldeneye.clock import SystemClock
from goldeneye.commands.check_rules import check_rules, has_key, is_rule_file
from goldeneye.config_file import load
from goldeneye.errors import ConfigurationError, StartupError
from goldeneye.rule_queries import CHECKS
from goldeneye.security import Security
from goldeneye.text_files import text_of
from query.services.services_file import ServicesFile


def check(files: Sequence[Path]) -> int:
    """Print a line a file; 0 where all are good. Files of SLOs may refer to each other."""
    objectives = [file for file in files if _is_slo_file(file)]
    others = [file for file in files if file not in objectives]
    good = [_is_good([file], partial(_check, file)) for file in others]
    if objectives:
        good.append(_is_good(objectives, partial(_check_slos, objectives)))
    return 0 if all(good) else 1


def _is_good(files: Sequence[Path], check: Callable[[], None]) -> bool:
    try:
        check()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return False
    except StartupError as error:
        print(f"{files[0]}: {error}", file=sys.stderr)
        return False
    for file in files:
        print(f"{file}: ok")
    return True


def _check(file: Path) -> None:
    if is_rule_file(file):
        check_rules(file)
    elif has_key(file, "route"):
        _check_routing(file)
    else:
        _check_configuration(file)


def _is_slo_file(file: Path) -> bool:
    try:
        return any(has_key(file, key) for key in ("slos", "apiVersion", "exclusions"))
    except ConfigurationError:
        return False


def _check_slos(files: Sequence[Path]) -> None:
    loader.load({str(file): text_of(file) for file in files}, CHECKS.sql)


def _check_configuration(file: Path) -> None:
    config = load(file, {}, environment={})
    Security(config)
    ServicesFile(config.query.services_file)
    settings = wiring.alerting_settings(config, config.api.endpoint)
    for warning in load_files(settings, CHECKS, SystemClock()).warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _check_routing(file: Path) -> None:
    for warning in configured(file, SystemClock()).configuration.warnings:
        print(f"{file}: warning: {warning}", file=sys.stderr)
