"""A pod's status from the states of its containers, shaped as the recorded pods are."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.clusters.defaults import SERVICE_ACCOUNT_MOUNT
from sandbox.clusters.jsons import Json, now

HOST = "127.0.0.1"


@dataclass
class ContainerRecord:
    """What is known about one container."""

    spec: Json
    init: bool
    state: Json
    image: str = ""
    image_id: str = ""
    container_id: str = ""
    last_state: Json = field(default_factory=dict)
    restarts: int = 0
    ready: bool = False
    started: bool = False

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def exit_code(self) -> int | None:
        """The exit code of a container that is over, else None."""
        ended = self.state.get("terminated")
        return int(ended["exitCode"]) if ended else None

    def status(self) -> Json:
        """The containerStatuses entry."""
        entry: Json = {
            "image": self.image or self.spec["image"],
            "imageID": self.image_id,
            "lastState": self.last_state,
            "name": self.name,
            "ready": self.ready,
            "restartCount": self.restarts,
            "started": self.started,
            "state": self.state,
        }
        if self.container_id:
            entry["containerID"] = self.container_id
            entry["resources"] = self.spec.get("resources") or {}
            requests = entry["resources"].get("requests")
            if requests:
                entry["allocatedResources"] = requests
        mounts = [_mount(each) for each in self.spec.get("volumeMounts") or []]
        if mounts:
            entry["volumeMounts"] = mounts
        return dict(sorted(entry.items()))


def _mount(mount: Json) -> Json:
    entry = {"mountPath": mount["mountPath"], "name": mount["name"]}
    if mount.get("readOnly") or mount["mountPath"] == SERVICE_ACCOUNT_MOUNT:
        entry |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return entry


def phase_of(records: list[ContainerRecord], policy: str) -> str:
    """Pending, Running, Succeeded or Failed."""
    inits = [each for each in records if each.init]
    mains = [each for each in records if not each.init]
    if any(each.exit_code for each in inits) and policy == "Never":
        return "Failed"
    if any(each.exit_code != 0 for each in inits):
        return "Pending"
    if any("waiting" in each.state and not each.last_state for each in mains):
        return "Pending"
    codes = [each.exit_code for each in mains]
    if any(code is None for code in codes) or policy == "Always":
        return "Running"
    if policy == "OnFailure" and any(codes):
        return "Running"
    return "Failed" if any(codes) else "Succeeded"


def pod_status(pod: Json, records: list[ContainerRecord], began: str, network: bool) -> Json:
    """The whole status of a scheduled pod; `network` once its volumes are there."""
    before = pod.get("status") or {}
    policy = pod["spec"]["restartPolicy"]
    phase = phase_of(records, policy)
    status: Json = {
        "conditions": _conditions(before, records, phase, network, began),
        "containerStatuses": [each.status() for each in records if not each.init],
        "hostIP": HOST,
        "hostIPs": [{"ip": HOST}],
        "phase": phase,
        "qosClass": before.get("qosClass", "BestEffort"),
        "startTime": began,
    }
    if network:
        status |= {"podIP": HOST, "podIPs": [{"ip": HOST}]}
    inits = [each.status() for each in records if each.init]
    if inits:
        status["initContainerStatuses"] = inits
    return status


def _conditions(
    before: Json, records: list[ContainerRecord], phase: str, network: bool, began: str
) -> list[Json]:
    over = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase)
    unready = [each.name for each in records if not each.init and not each.ready]
    undone = [each.name for each in records if each.init and each.exit_code != 0]
    initialized: Json = {"type": "Initialized", "status": "False" if undone else "True"}
    if undone:
        initialized |= {
            "reason": "ContainersNotInitialized",
            "message": f"containers with incomplete status: [{' '.join(undone)}]",
        }
    elif phase == "Succeeded":
        initialized["reason"] = "PodCompleted"
    readiness: Json = {"status": "True"}
    if over:
        readiness = {"status": "False", "reason": over}
    elif unready:
        told = f"containers with unready status: [{' '.join(unready)}]"
        readiness = {"status": "False", "reason": "ContainersNotReady", "message": told}
    present = network and not over
    wanted = [
        {"type": "PodReadyToStartContainers", "status": "True" if present else "False"},
        initialized,
        {"type": "Ready", **readiness},
        {"type": "ContainersReady", **readiness},
        {"type": "PodScheduled", "status": "True"},
    ]
    old = {each["type"]: each for each in before.get("conditions") or []}
    for each in wanted:
        known = old.get(each["type"])
        same = known and known["status"] == each["status"]
        each["lastProbeTime"] = None
        each["lastTransitionTime"] = known["lastTransitionTime"] if known and same else now()
        if not known:
            each["lastTransitionTime"] = began
    return [dict(sorted(each.items())) for each in wanted]
