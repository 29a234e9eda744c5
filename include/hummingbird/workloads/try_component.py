"""`hummingbird try COMPONENT --digest sha256:…`: start its image under Docker or Podman, see it serve.

The same image, port, probes, user and read-only root as in a cluster; the configuration is a file of the
developer's checkout. Registry and account come from HARBOR_URL, HARBOR_USER and HARBOR_PASSWORD.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from docker.models.containers import Container

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.clients.container_engine import ContainerEngine, Program
from hummingbird.clients.http import Site
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Image
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import DeliveryError, Final, Invalid, Unreachable
from hummingbird.workloads.deployment.manifests import FILE, FOLDER
from hummingbird.workloads.progress import say

_PAUSE = 0.3
_MEMORY_UNITS = {"Ki": "k", "Mi": "m", "Gi": "g"}


def program_of(
    catalogue: Catalogue, component: Component, environment: str, digest: str, settings: Path | None
) -> Program:
    """What is started, out of the environment's own registry project; Invalid where it cannot run."""
    workload = component.workload
    if environment not in workload.environments:
        raise Invalid(
            f"component {component.name}: {environment} is none of {', '.join(workload.environments)}"
        )
    project = catalogue.clusters[catalogue.environment(environment).clusters[0]].registry_project
    variables = {"PORT": str(workload.port), "HUMMINGBIRD_ENVIRONMENT": environment}
    files = {}
    if settings is not None:
        if not settings.is_file():
            raise Invalid(f"--config: {settings} is not a file; give one such as config/dev.properties")
        there = f"{FOLDER}/{FILE}"
        variables[f"{component.name.upper().replace('-', '_')}_CONFIG"] = there
        files[str(settings.resolve())] = there
    return Program(
        name=component.name,
        image=Image(repository=f"{project}/{component.image_repository}", digest=digest),
        port=workload.port,
        memory=_memory(workload.environments[environment].memory),
        variables=variables,
        files=files,
    )


def try_component(
    engine: ContainerEngine, registry: str, component: Component, program: Program
) -> Container:
    """Start it, wait until it is ready, ask the smoke request; the running container. Final when it ends."""
    container = engine.start(registry, program)
    try:
        address = engine.place(container, program.port)
        with Site(component.name, address, retrying=Retrying(attempts=1)) as site:
            _until_ready(engine, container, site, component)
            site.call("GET", component.workload.smoke, about="the smoke request")
    except BaseException:
        engine.remove(container)
        raise
    say(f"DONE: {component.name} {program.image.digest} serves at {address}{component.workload.smoke}")
    return container


def run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Try a component of the catalogue; 0 when it served."""
    catalogue = load_catalogue(*catalogue_folders(environment))
    component = catalogue.component(chosen.component)
    address = chosen.registry or environment.get("HARBOR_URL", "")
    registry = address.split("://")[-1].strip("/")
    if not registry:
        raise Invalid("no registry was named: give --registry or set HARBOR_URL")
    program = program_of(catalogue, component, chosen.environment, chosen.digest, chosen.config)
    engine = ContainerEngine.found(environment)
    try:
        user, password = environment.get("HARBOR_USER", ""), environment.get("HARBOR_PASSWORD", "")
        engine.pull(registry, program.image, user, password)
        container = try_component(engine, registry, component, program)
        if chosen.keep:
            sys.stdout.write(f"It goes on as container {container.short_id}.\n")
        else:
            engine.remove(container)
    finally:
        engine.close()
    return 0


def _until_ready(engine: ContainerEngine, container: Container, site: Site, component: Component) -> None:
    ends = time.monotonic() + component.workload.startup_seconds
    while True:
        ended = engine.ended(container)
        if ended is not None:
            raise Final(f"{component.name}: {ended}")
        try:
            site.call("GET", component.workload.readiness, about="readiness")
        except DeliveryError as error:
            if time.monotonic() > ends:
                waited = component.workload.startup_seconds
                raise Unreachable(f"{component.name}: not ready within {waited} s: {error}") from error
        else:
            return
        threading.Event().wait(_PAUSE)  # readiness is asked for, as a kubelet does: nothing tells it


def _memory(quantity: str) -> str:
    for unit, short in _MEMORY_UNITS.items():
        if quantity.endswith(unit):
            return quantity.removesuffix(unit) + short
    return quantity
