"""Docker or Podman on this machine, through the docker SDK: one container as a cluster would run it.

API: Docker Engine API, version by negotiation; Podman answers the same calls on its own socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException
from docker.models.containers import Container

from hummingbird.clients.translation import error_of, words
from hummingbird.core.artifact import Image
from hummingbird.core.errors import Mismatch, Unreachable
from hummingbird.core.record import Record

_SOCKETS = ("/var/run/docker.sock", "{XDG_RUNTIME_DIR}/podman/podman.sock")
_SECONDS = 120
_LABEL = "dev.hummingbird.try"
_USER = "65532:65532"


class Program(Record):
    """What is started: as the deployment workload starts it, on this machine."""

    name: str
    image: Image
    port: int
    memory: str
    """Bytes, or with the units k, m, g."""
    variables: dict[str, str]
    files: dict[str, str]
    """Absolute path here → absolute path in the container, read-only."""


class ContainerEngine:
    """One engine; made by `found`."""

    def __init__(self, address: str) -> None:
        self.address = address
        with self._asked("its version"):
            self._docker = docker.DockerClient(base_url=address, version="auto", timeout=_SECONDS)

    @classmethod
    def found(cls, environment: Mapping[str, str]) -> ContainerEngine:
        """The engine of DOCKER_HOST, else the first that answers on a usual socket; Unreachable for none."""
        own = environment.get("XDG_RUNTIME_DIR", "/run")
        places = [path.format(XDG_RUNTIME_DIR=own) for path in _SOCKETS]
        named = environment.get("DOCKER_HOST")
        said = []
        for address in [named] if named else [f"unix://{path}" for path in places]:
            if address.startswith("unix://") and not Path(address.removeprefix("unix://")).exists():
                said.append(f"there is no {address}")
                continue
            try:
                return cls(address)
            except Unreachable as error:
                said.append(str(error))
        raise Unreachable(f"no Docker or Podman answers ({'; '.join(said)}); start one, or set DOCKER_HOST")

    def close(self) -> None:
        """Close all connections."""
        self._docker.close()

    def pull(self, registry: str, image: Image, user: str, password: str) -> None:
        """Have the image here by digest; Mismatch when the engine has another one under that name."""
        login = {"username": user, "password": password} if user else None
        name = f"{registry}/{image.repository}"
        with self._asked(f"image {name}@{image.digest}"):
            pulled = self._docker.images.pull(name, tag=image.digest, auth_config=login)
        known = pulled.attrs.get("RepoDigests") or []
        if f"{name}@{image.digest}" not in known:
            raise Mismatch(f"{self.address}: {name}: expected {image.digest}, found {known}; do not use it")

    def start(self, registry: str, program: Program) -> Container:
        """Start the program on a free port of loopback, with no more rights than in a cluster."""
        with self._asked(f"container of {program.name}"):
            started: Container = self._docker.containers.run(
                f"{registry}/{program.image.repository}@{program.image.digest}",
                detach=True,
                environment=program.variables,
                ports={f"{program.port}/tcp": ("127.0.0.1", None)},
                volumes={here: {"bind": there, "mode": "ro"} for here, there in program.files.items()},
                labels={_LABEL: program.name},
                user=_USER,
                read_only=True,
                tmpfs={"/tmp": "size=64m"},  # noqa: S108 - the container's own
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                mem_limit=program.memory,
            )
        return started

    def place(self, container: Container, port: int) -> str:
        """Where the container's port is reached from here."""
        with self._asked(f"container {container.short_id}"):
            container.reload()
        bound = (container.attrs["NetworkSettings"]["Ports"] or {}).get(f"{port}/tcp") or []
        if not bound:
            raise Mismatch(f"{self.address}: container {container.short_id}: port {port} is not published")
        return f"http://127.0.0.1:{bound[0]['HostPort']}"

    def ended(self, container: Container) -> str | None:
        """How the container ended, with the end of its log; None while it runs."""
        with self._asked(f"container {container.short_id}"):
            container.reload()
            state: dict[str, Any] = container.attrs["State"]
            if state["Status"] not in ("exited", "dead"):
                return None
            return f"ended with code {state.get('ExitCode')}: {self._log(container)}"

    def remove(self, container: Container) -> None:
        """Stop the container and take it away."""
        with self._asked(f"container {container.short_id}"):
            container.remove(force=True, v=True)

    def _log(self, container: Container) -> str:
        return words(container.logs(tail=20)) or "it wrote nothing"

    @contextmanager
    def _asked(self, subject: str) -> Iterator[None]:
        head = f"container engine at {self.address}: {subject}"
        try:
            yield
        except APIError as error:
            status = error.status_code or 500
            raise error_of(status, head, words(str(error.explanation or error).encode())) from error
        except (DockerException, requests.exceptions.RequestException) as error:
            raise Unreachable(f"{head}: no answer ({words(str(error).encode())}); is it running?") from error
