"""The life of one container: image, configuration, runs, probes, restarts. One task each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox.clusters.images.cache import Image
from sandbox.clusters.images.credentials import credentials
from sandbox.clusters.images.reference import InvalidImageName, parse
from sandbox.clusters.images.registry import PullError
from sandbox.clusters.jsons import Json, now, now_micro
from sandbox.clusters.kubelet import probes
from sandbox.clusters.kubelet.endings import OUT_OF_MEMORY, terminated
from sandbox.clusters.kubelet.environment import ConfigError
from sandbox.clusters.kubelet.execution import execute
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.kubelet.program import Place, build, container_id, port_names
from sandbox.clusters.kubelet.status import ContainerRecord
from sandbox.clusters.resources import SECRETS
from sandbox.clusters.runtime.container import Container

_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 10, 300
_FORGIVEN_AFTER = 600


class ContainerWorker:
    """One container of one pod; `record` is what the pod's status tells of it, `publish` writes that."""

    def __init__(
        self,
        node: Node,
        pod: Callable[[], Json],
        record: ContainerRecord,
        folder: Path,
        publish: Callable[[], None],
    ) -> None:
        self._node, self._pod, self._folder, self._publish = node, pod, folder, publish
        self.record = record
        self.container: Container | None = None
        self._stopping = False
        self._stops: list[asyncio.Task[None]] = []
        self._ran_from = 0.0

    @property
    def where(self) -> str:
        """The fieldPath of this container's events."""
        part = "initContainers" if self.record.init else "containers"
        return f"spec.{part}{{{self.record.name}}}"

    def runs(self) -> list[Path]:
        """The folders of all runs so far, oldest first."""
        parent = self._folder / self.record.name
        found = [each for each in parent.glob("*") if each.name.isdigit()] if parent.exists() else []
        return sorted(found, key=lambda each: int(each.name))

    async def run(self) -> int:
        """Run until the restart policy says it is over; the last exit code."""
        back_off = 0
        earlier = self.runs()
        number = int(earlier[-1].name) if earlier else 0
        while True:
            self.record.restarts = number
            code, lasted = await self._once(number)
            if self._stopping or not self._again(code):
                return code
            back_off = 0 if lasted > _FORGIVEN_AFTER else back_off
            await self._wait_to_restart(back_off)
            back_off = min(back_off * 2 or _FIRST_BACK_OFF, _LONGEST_BACK_OFF)
            number += 1

    def _again(self, code: int) -> bool:
        policy = self._pod()["spec"]["restartPolicy"]
        if self.record.init and policy == "Always":
            policy = "OnFailure"
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    async def _wait_to_restart(self, seconds: int) -> None:
        self.record.last_state = self.record.state
        if not seconds:
            return
        meta = self._pod()["metadata"]
        pod = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        message = f"back-off {_span(seconds)} restarting failed container={self.record.name} pod={pod}"
        self.record.state = {"waiting": {"message": message, "reason": "CrashLoopBackOff"}}
        self._tell(
            "Warning", "BackOff", f"Back-off restarting failed container {self.record.name} in pod {pod}"
        )
        self._publish()
        await asyncio.sleep(seconds)

    async def _once(self, number: int) -> tuple[int, float]:
        """One run: begun, or found again; its exit code and how many seconds it lasted."""
        folder = self._folder / self.record.name / str(number)
        meta = self._pod()["metadata"]
        mark = f"{meta['uid']}/{self.record.name}/{number}"
        self.container = container = Container(folder, self._node.files)
        found = container.started is not None or container.ended is not None
        if found:
            self._image_known()
        else:
            await self._begin(container, Place(self._folder, folder, mark))
        self.record.container_id = container_id(mark)
        loop = asyncio.get_running_loop()
        began = loop.time()
        if container.ended is None:
            await container.until_started()
        if container.started and not found:
            self._tell("Normal", "Started", f"Started container {self.record.name}")
        if container.started and container.ended is None:
            await self._running(container)
        ended = await container.until_ended()
        self._over(container, ended, found)
        return self.record.exit_code or 0, loop.time() - began

    async def _begin(self, container: Container, place: Place) -> None:
        image = await self._image()
        while True:
            try:
                program, problem = build(self._node, self._pod(), self.record.spec, image, place)
                break
            except ConfigError as missing:
                self._tell("Warning", "Failed", f"Error: {missing}")
                self._wait("CreateContainerConfigError", str(missing))
                await self._node.configuration_change(_FIRST_BACK_OFF)
        self._node.ports.update(program.ports.values())
        container.prepare(program)
        self._tell("Normal", "Created", f"Created container: {self.record.name}")
        if problem:
            container.refuse(problem, now_micro())
        else:
            container.launch()

    async def _running(self, container: Container) -> None:
        """Show the container as running and probe it until it ends."""
        spec, started = self.record.spec, container.started or {}
        ports = {int(key): value for key, value in (container.spec.get("ports") or {}).items()}
        self._node.ports.update(ports.values())
        target = probes.Target(
            port_names(spec, ports), lambda command, seconds: execute(container, command, seconds)
        )
        self.record.state = {"running": {"startedAt": _second(started["startedAt"])}}
        self.record.started = "startupProbe" not in spec
        self.record.ready = self.record.started and "readinessProbe" not in spec
        self._publish()
        async with asyncio.TaskGroup() as group:
            watching = [
                group.create_task(self._probe(container, kind, spec[kind], target))
                for kind in ("startupProbe", "readinessProbe", "livenessProbe")
                if kind in spec
            ]
            await container.until_ended()
            for each in watching:
                each.cancel()

    async def _probe(self, container: Container, kind: str, probe: Json, target: probes.Target) -> None:
        word = kind.removesuffix("Probe")
        grace = float(probe.get("terminationGracePeriodSeconds", self._grace))

        def failed(problem: str) -> None:
            if container.ended is None and not self._stopping:
                self._tell("Warning", "Unhealthy", f"{word.capitalize()} probe failed: {problem}")

        def told(good: bool) -> None:
            if kind == "readinessProbe":
                self.record.ready = good
            elif kind == "startupProbe" and good:
                self.record.started = True
                self.record.ready = "readinessProbe" not in self.record.spec
            elif not good and not self._stopping:
                message = f"Container {self.record.name} failed {word} probe, will be restarted"
                self._tell("Normal", "Killing", message)
                self._stops.append(asyncio.create_task(container.stop(grace)))
            self._publish()

        await probes.watch(probe, target, told, failed)

    def _over(self, container: Container, ended: Json, found: bool) -> None:
        state = terminated(container, ended, self.record.spec, self.record.container_id)
        if "problem" in ended and not found:
            self._tell("Warning", "Failed", f"Error: {state['message']}")
        self.record.state = {"terminated": state}
        self.record.ready = self.record.started = False
        for own in (container.spec.get("ports") or {}).values():
            self._node.ports.discard(own)
        self._publish()

    @property
    def _grace(self) -> float:
        return float(self._pod()["spec"].get("terminationGracePeriodSeconds", 30))

    async def stop(self, grace: float) -> None:
        """End the present run and begin no other."""
        self._stopping = True
        container = self.container
        if container is not None and container.started and container.ended is None:
            self._tell("Normal", "Killing", f"Stopping container {self.record.name}")
            await container.stop(grace)

    async def run_out_of_memory(self) -> None:
        """Kill the present run as the kernel does at a memory limit; the restart policy goes on."""
        container = self.container
        if container is not None and container.started and container.ended is None:
            (container.folder / OUT_OF_MEMORY).touch()
            await container.kill()

    def detach(self) -> None:
        """Look after the container no more."""
        for each in self._stops:
            each.cancel()

    def _image_known(self) -> None:
        with suppress(InvalidImageName):
            self._show(self._node.images.present(self.record.spec["image"]))

    def _show(self, image: Image | None) -> None:
        if image:
            self.record.image, self.record.image_id = image.reference, image.image_id

    async def _image(self) -> Image:
        """The image, however long it takes."""
        text, policy = self.record.spec["image"], self.record.spec["imagePullPolicy"]
        back_off = _FIRST_BACK_OFF
        while True:
            try:
                present = self._node.images.present(text) if policy != "Always" else None
                if present:
                    message = f'Container image "{text}" already present on machine'
                    self._tell("Normal", "Pulled", message)
                    self._show(present)
                    return present
                if policy == "Never":
                    message = f'Container image "{text}" is not present with pull policy of Never'
                    self._tell("Warning", "ErrImageNeverPull", message)
                    self._wait("ErrImageNeverPull", message)
                else:
                    return await self._pulled(text)
            except InvalidImageName as problem:
                self._tell("Warning", "InspectFailed", str(problem))
                self._tell("Warning", "Failed", "Error: InvalidImageName")
                self._wait("InvalidImageName", str(problem))
            except PullError as problem:
                self._tell("Warning", "Failed", f'Failed to pull image "{text}": {problem}')
                self._tell("Warning", "Failed", "Error: ErrImagePull")
                self._wait("ErrImagePull", str(problem))
                await asyncio.sleep(1)
                self._tell("Normal", "BackOff", f'Back-off pulling image "{text}"')
                self._tell("Warning", "Failed", "Error: ImagePullBackOff")
                message = f'Back-off pulling image "{text}": ErrImagePull: {problem}'
                self._wait("ImagePullBackOff", message)
            await asyncio.sleep(back_off)
            back_off = min(back_off * 2, _LONGEST_BACK_OFF)

    async def _pulled(self, text: str) -> Image:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._tell("Normal", "Pulling", f'Pulling image "{text}"')
        pod = self._pod()
        secrets = [
            self._node.store.read(SECRETS, pod["metadata"]["namespace"], each.get("name", ""))
            for each in pod["spec"].get("imagePullSecrets") or []
        ]
        login = credentials([each for each in secrets if each], parse(text).host)
        image = await self._node.images.pull(text, login)
        seconds = f"{loop.time() - began:.3g}s"
        message = f'Successfully pulled image "{text}" in {seconds} ({seconds} including waiting). '
        self._tell("Normal", "Pulled", f"{message}Image size: {image.size} bytes.")
        self._show(image)
        return image

    def _wait(self, reason: str, message: str) -> None:
        self.record.state = {"waiting": {"message": message, "reason": reason}}
        self._publish()

    def _tell(self, kind: str, reason: str, message: str) -> None:
        self._node.events.kubelet(self._pod(), kind, reason, message, self.where)


def _second(moment: str) -> str:
    return f"{moment[:19]}Z" if len(moment) > 19 else now()


def _span(seconds: int) -> str:
    """`40s`, `2m40s`, as Go writes a duration."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
