"""`goldeneye check FILE…`: are configurations, with what they name, rules and routes usable?"""

import sys
from collections.abc import Sequence
from pathlib import Path

from alerting.engine.configured import configured
from goldeneye.clock import SystemClock
from goldeneye.commands.check_rules import check_rules, has_key, is_rule_file
from goldeneye.config_file import load
from goldeneye.errors import ConfigurationError, StartupError
from goldeneye.security import Security
from query.services.services_file import ServicesFile


def check(files: Sequence[Path]) -> int:
    """Print a line a file; 0 where all are good."""
    good = True
    for file in files:
        try:
            if is_rule_file(file):
                check_rules(file)
            elif has_key(file, "route"):
                _check_routing(file)
            else:
                _check_configuration(file)
            print(f"{file}: ok")
        except ConfigurationError as error:
            good = False
            print(error, file=sys.stderr)
        except StartupError as error:
            good = False
            print(f"{file}: {error}", file=sys.stderr)
    return 0 if good else 1


def _check_configuration(file: Path) -> None:
    config = load(file, {}, environment={})
    Security(config)
    ServicesFile(config.query.services_file)
    if config.alerting.alertmanager_config is not None:
        _check_routing(config.alerting.alertmanager_config)


def _check_routing(file: Path) -> None:
    for warning in configured(file, SystemClock()).configuration.warnings:
        print(f"{file}: warning: {warning}", file=sys.stderr)
