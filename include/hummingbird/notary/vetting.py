"""A job before it gets a ticket: it must say what catalogue and ledger say, whoever wrote it."""

from __future__ import annotations

import base64

from sqlalchemy import Connection

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import Mismatch
from hummingbird.core.job import (
    AnyJob,
    CodeJob,
    DeployJob,
    RegressionJob,
    RollupJob,
    ScanJob,
    SelectJob,
    SuiteJob,
)
from hummingbird.core.warrant import Warrant
from hummingbird.notary.deployments import find_bundle
from hummingbird.notary.issuing import find_warrant
from hummingbird.notary.signing import SigningKey


def vet(connection: Connection, catalogue: Catalogue, key: SigningKey, job: AnyJob) -> None:
    """Mismatch, naming the field, when the job differs from what is known."""
    if isinstance(job, ScanJob):
        _component(catalogue, job.component)
        needed = {name for language in job.component.languages for name in catalogue.scanners[language]}
        missing = sorted(needed - set(job.scanners))
        _same("scanners", not missing, f"{', '.join(missing)} missing")
    elif isinstance(job, SuiteJob):
        _component(catalogue, job.component)
        _same("suite", job.suite == job.component.suites.get(job.name), "not the catalogue's")
        carried = find_bundle(connection, job.bundle).component(job.component.name)
        _same("commit", carried is not None and carried.commit == job.commit, "not the bundle's")
    elif isinstance(job, SelectJob):
        _component(catalogue, job.component)
        carried = find_bundle(connection, job.bundle).component(job.component.name)
        _same("commit", carried is not None and carried.commit == job.commit, "not the bundle's")
        _same("environment", job.environment == catalogue.regression.environment, "not the catalogue's")
    elif isinstance(job, RegressionJob):
        for target in job.targets:
            _component(catalogue, target.component)
        _same("environment", job.environment == catalogue.regression.environment, "not the catalogue's")
        _same("rule", job.rule == catalogue.regression, "not the catalogue's")
    elif isinstance(job, CodeJob):
        for looked_at in job.targets:
            _component(catalogue, looked_at.component)
    elif isinstance(job, RollupJob):
        _same("production", job.production == catalogue.production.name, "not the catalogue's")
        _same("rates", job.rates == catalogue.metrics, "not the catalogue's")
    else:
        _deployment(connection, catalogue, key, job)


def _deployment(connection: Connection, catalogue: Catalogue, key: SigningKey, job: DeployJob) -> None:
    warrant = _warrant(connection, key, job)
    _same("bundle", job.bundle.sha256 == warrant.bundle, "not the warrant's")
    _same("environment", job.environment.name == warrant.environment, "not the warrant's")
    _same(
        "environment", job.environment == catalogue.environment(job.environment.name), "not the catalogue's"
    )
    _same("cluster", job.cluster.name in warrant.clusters, "not the warrant's")
    _same("cluster", job.cluster == catalogue.clusters.get(job.cluster.name), "not the catalogue's")
    for component in job.components:
        _component(catalogue, component)
    names = sorted(component.name for component in job.components)
    _same("components", names == sorted(c.name for c in job.bundle.components), "not the bundle's")
    for sha256, bundle in job.predecessors.items():
        _same("predecessors", bundle.sha256 == sha256, f"{sha256[:12]} names another bundle")


def _warrant(connection: Connection, key: SigningKey, job: DeployJob) -> Warrant:
    """The warrant the job carries: signed by our key, and the very one that the ledger says was issued."""
    try:
        payload = base64.b64decode(job.warrant.payload, validate=True)
    except ValueError as error:
        raise Mismatch("job.warrant: its payload is not base64") from error
    _same("warrant", key.verifies(payload, job.warrant.signature), "its signature does not verify")
    claimed = Warrant.model_validate_json(payload)
    issued = find_warrant(connection, claimed.id)
    _same("warrant", issued is not None and issued[1] == job.warrant, "not one that was issued")
    return claimed


def _component(catalogue: Catalogue, component: Component) -> None:
    _same(
        "component",
        catalogue.components.get(component.name) == component,
        f"{component.name} not the catalogue's",
    )


def _same(field: str, holds: bool, why: str) -> None:
    if not holds:
        raise Mismatch(f"job.{field}: {why}")
