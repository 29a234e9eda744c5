"""The `hummingbird` command: `python -m hummingbird ledger|trace|roles|preflight|try …`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hummingbird.cockpit import compare, evidence, population_command, trace, windows
from hummingbird.core.errors import DeliveryError
from hummingbird.history import command as history
from hummingbird.joining import baseline, doctor
from hummingbird.ledger import command
from hummingbird.notary.entrance import problems_here
from hummingbird.preflight.airflow import COMPONENTS
from hummingbird.workloads import suites_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it says yes, 1 when it says no, 2 when it could not be asked."""
    parser = argparse.ArgumentParser(prog="hummingbird", description="Software delivery, remembered.")
    rooms = parser.add_subparsers(dest="room", required=True)
    command.add_to(rooms.add_parser("ledger", help="the append-only memory: check it, take it away"))
    trace.add_to(rooms.add_parser("trace", help="a story's way from commit to production"))
    doctor.add_to(rooms.add_parser("doctor", help="what a component still lacks, on every system"))
    baseline.add_to(rooms.add_parser("baseline", help="what a component brings along when it joins"))
    evidence.add_to(rooms.add_parser("evidence", help="a story's rows, signed, to take away"))
    population_command.add_to(
        rooms.add_parser("population", help="every production change beside what clusters and registry say")
    )
    compare.add_to(rooms.add_parser("compare", help="what runs that the ledger does not know"))
    windows.add_to(rooms.add_parser("windows", help="when deployments and rollbacks may start"))
    suites_command.add_to(rooms.add_parser("suites", help="what the nightly regression would run now"))
    history.add_to(rooms.add_parser("history", help="a past: invented for benches, or a firm's own"))
    _add_roles(rooms.add_parser("roles", help="Airflow's roles and accounts, as the catalogue has them"))
    _add_preflight(rooms.add_parser("preflight", help="what a start would refuse, each with the mend"))
    _add_try(
        rooms.add_parser("try", help="start a component's image under Docker or Podman and see it serve")
    )
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen, os.environ))
    except DeliveryError as error:
        sys.stderr.write(f"hummingbird: {error}\n")
        return 2


def _add_preflight(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", required=True)
    airflow = parts.add_parser("airflow", help="as a component of Airflow, with its settings and connections")
    airflow.add_argument("component", choices=COMPONENTS, nargs="?", default=COMPONENTS[0])
    airflow.set_defaults(run=_preflight_airflow)
    notary = parts.add_parser("notary", help="as the notary, with its settings and databases")
    notary.add_argument("--host", required=True, help="where it would listen")
    notary.set_defaults(run=_preflight_notary)


def _preflight_airflow(chosen: argparse.Namespace, _: Mapping[str, str]) -> int:
    # Imported when asked for: Airflow takes seconds, and the notary's machine may lack its settings.
    entrance = importlib.import_module("hummingbird.orchestration.entrance")
    return _told(chosen.component, entrance.airflow_start_problems(chosen.component))


def _preflight_notary(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    return _told("the notary", problems_here(environment, chosen.host))


def _add_roles(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("show", help="what the catalogue gives to whom; asks no Airflow")
    verbs.add_parser("check", help="what Airflow has otherwise; changes nothing")
    verbs.add_parser("apply", help="bring Airflow in line with the catalogue; again at any time")
    parser.set_defaults(run=_roles)


def _roles(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    # Imported when asked for: it needs Airflow's environment, as `preflight airflow` does.
    return int(
        importlib.import_module("hummingbird.orchestration.roles_command").run(chosen.verb, environment)
    )


def _add_try(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("component", help="name in the catalogue")
    parser.add_argument("--digest", required=True, help="sha256:… as `hummingbird trace` shows it")
    parser.add_argument("--environment", default="dev", help="whose resources it gets")
    parser.add_argument("--config", type=Path, help="properties file, such as config/dev.properties")
    parser.add_argument("--registry", help="address of the registry; else $HARBOR_URL")
    parser.add_argument("--keep", action="store_true", help="leave it running")
    parser.set_defaults(run=_try)


def _try(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    # Imported when asked for: the docker SDK is nobody else's business.
    return int(importlib.import_module("hummingbird.workloads.try_component").run(chosen, environment))


def _told(who: str, problems: Sequence[str]) -> int:
    lines = [f"REFUSED: {problem}" for problem in problems] or [f"DONE: {who} may start"]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
