"""`hummingbird doctor NAME`: everything that a component needs, read-only, a line each.

The same on every installation: systems are reached by Airflow's connections, wherever those come from.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import DeliveryError
from hummingbird.joining.catalogue_checks import check_entry, check_notary
from hummingbird.joining.check import Check, missing
from hummingbird.joining.cluster_checks import check_clusters
from hummingbird.joining.code_checks import check_code
from hummingbird.joining.configuration_checks import check_configuration
from hummingbird.joining.reach import Reach, Reaching
from hummingbird.joining.store_checks import check_images, check_packages
from hummingbird.joining.story_checks import check_stories

HOOK = "/webhooks/gitlab"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("component", help="name of its catalogue entry")
    parser.add_argument("--json", action="store_true", help="one JSON document for programs")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    catalogue = load_catalogue(*catalogue_folders(environment))
    component = catalogue.component(chosen.component)
    checks = []
    for check in examine(catalogue, component, airflow_reach, datetime.now(UTC)):
        checks.append(check)
        if not chosen.json:
            sys.stdout.write(f"{check.line}\n")
            sys.stdout.flush()
    lacking = sum(not check.ok for check in checks)
    if chosen.json:
        told = {"component": component.name, "missing": lacking, "checks": [c.document() for c in checks]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        verdict = f"{lacking} of {len(checks)} are missing" if lacking else f"all {len(checks)} are there"
        sys.stdout.write(f"{component.name}: {verdict}\n")
    return int(lacking > 0)


def examine(catalogue: Catalogue, component: Component, reaching: Reaching, now: datetime) -> Iterator[Check]:
    """Every check, system after system; one that is not reached costs its own lines alone."""
    yield from check_entry(catalogue, component, now)
    looks = (
        ("GitLab", "gitlab_default", lambda reach: check_code(component, reach, HOOK)),
        ("Harbor", "harbor_default", lambda reach: check_images(catalogue, component, reach)),
        ("Artifactory", "artifactory_default", lambda reach: check_packages(catalogue, reach)),
        ("Jira", "jira_default", lambda reach: check_stories(catalogue, component, reach)),
        ("Apollo", "apollo_default", lambda reach: check_configuration(catalogue, component, reach)),
        ("notary", "notary", check_notary),
    )
    for system, name, look in looks:
        try:
            reach = reaching(name)
        except DeliveryError as error:
            yield missing(system, "connection", str(error), f"add the Airflow connection {name}")
            continue
        yield from look(reach)
    yield from check_clusters(catalogue, reaching)


def airflow_reach(name: str) -> Reach:
    """A connection as Airflow's secrets backends have it."""
    # Imported when asked for: Airflow takes seconds, and no other command needs it.
    connections = importlib.import_module("hummingbird.orchestration.reach")
    return Reach.model_validate(connections.connection_fields(name))
