"""From a container's spec and its image to the process that this machine shall run."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.clusters.images.cache import Image
from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.kubelet import environment
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.kubelet.paths import PathMap
from sandbox.clusters.kubelet.ports import free_port
from sandbox.clusters.runtime.container import Program
from sandbox.clusters.runtime.processes import MARK

_UNITS = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}


def quantity(text: str | float) -> float:
    """A resource quantity as a number: `64Mi`, `500m`, `2`; ValueError when it is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?", str(text))
    if found is None:
        raise ValueError(f"{text!r} is no quantity")
    number = float(found[1])
    return number / 1000 if found[2] == "m" else number * _UNITS[found[2] or ""]


@dataclass(frozen=True)
class Place:
    """Where one container run lies: the pod's folder and the run's own."""

    pod: Path
    run: Path
    mark: str


def build(node: Node, pod: Json, container: Json, image: Image, place: Place) -> tuple[Program, str | None]:
    """The process to run, and why it cannot be started, if so; ConfigError when references lead nowhere."""
    paths = _paths(container, image, place)
    config = image.config
    wanted = environment.declared(node.store, pod, container)
    given: dict[str, str] = dict(str(each).split("=", 1) for each in config.get("Env") or [])
    ports: dict[int, int] = {}
    port = wanted.get("PORT", given.get("PORT", ""))
    if port.isdigit():
        ports[int(port)] = free_port(node.ports)
        node.ports.add(ports[int(port)])
    folder = place.run / "own"
    env = {**given, **environment.services(node.store, pod, node.api_port), **wanted}
    env = {key: paths.value(value) for key, value in env.items()}
    if ports:
        env["PORT"] = str(next(iter(ports.values())))
    inside = [each for each in env.get("PATH", "").split(":") if each.startswith(image.root.as_posix())]
    env["PATH"] = ":".join([str(node.tools), *inside, environment.base_path()])
    env.setdefault("HOSTNAME", pod["metadata"]["name"])
    for name, part in (("HOME", "home"), ("TMPDIR", "tmp")):
        if name not in env:
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            mounted = paths.path("/tmp")  # noqa: S108  the pod's own /tmp, if it mounts one
            env[name] = mounted if mounted != "/tmp" else str(folder / part)  # noqa: S108
    env[MARK] = place.mark
    command = container.get("command") or config.get("Entrypoint") or []
    arguments = container.get("args") or (config.get("Cmd") or [] if not container.get("command") else [])
    argv = [*map(str, command), *map(str, arguments)]
    if not argv:
        return _refused("", "no command specified", env, folder)
    known = dict(env)
    argv = [environment.expand(each, known) for each in argv]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wished = container.get("workingDir") or config.get("WorkingDir") or ""
    cwd = paths.path(wished) if wished not in {"", "/"} else str(image.root)
    if not Path(cwd).is_dir() or cwd == wished:
        cwd = str(folder)
    executable = paths.program(argv[0], env["PATH"], cwd)
    if executable is None:
        told = (
            f"stat {argv[0]}: no such file or directory"
            if "/" in argv[0]
            else "executable file not found in $PATH"
        )
        return _refused(argv[0], f'exec: "{argv[0]}": {told}', env, cwd)
    limit = dig(container, "resources", "limits", "memory")
    program = Program(
        executable=executable,
        argv=[executable if "/" in argv[0] else argv[0], *paths.arguments(argv)[1:]],
        env=env,
        cwd=cwd,
        memory=int(quantity(limit)) if limit else None,
        ports=ports,
        paths=paths.mounts,
        root=paths.root,
    )
    return program, None


def _refused(name: str, problem: str, env: dict[str, str], cwd: Path | str) -> tuple[Program, str]:
    return Program(name, [name], env, str(cwd), None), problem


def _paths(container: Json, image: Image, place: Place) -> PathMap:
    mounts = []
    for mount in container.get("volumeMounts") or []:
        source = place.pod / "volumes" / mount["name"]
        if mount.get("subPath"):
            source /= mount["subPath"]
        mounts.append((mount["mountPath"], str(source)))
    message = container.get("terminationMessagePath", "/dev/termination-log")
    mounts.append((message, str(place.run / "termination-log")))
    return PathMap(mounts, str(image.root))


def port_names(container: Json, ports: dict[int, int]) -> dict[int | str, int]:
    """Container ports by number and by name, as ports of this machine."""
    found: dict[int | str, int] = {}
    found.update(ports.items())
    for each in container.get("ports") or []:
        own = ports.get(each["containerPort"], each["containerPort"])
        found[each["containerPort"]] = own
        if each.get("name"):
            found[each["name"]] = own
    return found


def container_id(mark: str) -> str:
    """A container's id as status tells it."""
    return f"sandbox://{hashlib.sha256(mark.encode()).hexdigest()}"
