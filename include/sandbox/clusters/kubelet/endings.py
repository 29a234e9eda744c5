"""How a container ended, as its status tells it: code, reason, message."""

from __future__ import annotations

from pathlib import Path

from sandbox.clusters.jsons import Json, now
from sandbox.clusters.kubelet.logs import last_lines
from sandbox.clusters.runtime.container import Container

OUT_OF_MEMORY = "out-of-memory"
"""A file in a run's folder: the run was killed for its memory, from outside its shim."""
_LONGEST_MESSAGE = 4096
_NEVER = "1970-01-01T00:00:00Z"
_START_ERROR = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
    "failed: unable to start container process: {problem}: unknown"
)


def terminated(container: Container, ended: Json, spec: Json, container_id: str) -> Json:
    """The `terminated` state of a finished run."""
    started = container.started or {}
    moment = str(ended.get("finishedAt") or "")
    finished = f"{moment[:19]}Z" if moment else now()
    if "problem" in ended:
        problem = ended["problem"]
        if not problem.startswith("exec:"):
            problem = f'exec: "{(container.spec.get("argv") or [""])[0]}": {problem}'
        return {
            "containerID": container_id,
            "exitCode": 128,
            "finishedAt": finished,
            "message": _START_ERROR.format(problem=problem),
            "reason": "StartError",
            "startedAt": _NEVER,
        }
    code = int(ended["exitCode"])
    starved = ended.get("outOfMemory") or (container.folder / OUT_OF_MEMORY).exists()
    reason = "OOMKilled" if starved else "Error" if code else "Completed"
    state: Json = {
        "containerID": container_id,
        "exitCode": code,
        "finishedAt": finished,
        "reason": "ContainerStatusUnknown" if ended.get("lost") else reason,
        "startedAt": f"{started['startedAt'][:19]}Z" if started else _NEVER,
    }
    message = _message(container.folder, spec, code)
    if ended.get("lost"):
        message = "The container could not be located when the pod was terminated"
    if message:
        state["message"] = message
    return state


def _message(folder: Path, spec: Json, code: int) -> str:
    path = folder / "termination-log"
    if path.is_file():
        text = path.read_bytes()[:_LONGEST_MESSAGE].decode("utf-8", "replace")
        if text:
            return text
    if code and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        return last_lines(folder / "log", lines=80, size=2048)
    return ""
