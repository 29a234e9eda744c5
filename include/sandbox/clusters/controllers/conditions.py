"""A deployment's conditions, with the reasons and messages that `kubectl rollout status` reads."""

from __future__ import annotations

from sandbox.clusters.jsons import Json, now


def condition_of(status: Json, kind: str) -> Json | None:
    """One condition by its type."""
    return next((each for each in status.get("conditions") or [] if each["type"] == kind), None)


def available(spec: Json, counts: dict[str, int], may_miss: int) -> Json:
    """Whether enough replicas are available."""
    good = counts["availableReplicas"] >= spec["replicas"] - may_miss
    return {
        "type": "Available",
        "status": "True" if good else "False",
        "reason": "MinimumReplicasAvailable" if good else "MinimumReplicasUnavailable",
        "message": f"Deployment {'has' if good else 'does not have'} minimum availability.",
    }


def progressing(
    spec: Json, counts: dict[str, int], name: str, known: Json | None, *, made: bool, moved: bool, late: bool
) -> Json:
    """How the rollout goes: complete, moving, just begun, or too late."""
    wanted = spec["replicas"]
    complete = counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted
    good = {"type": "Progressing", "status": "True"}
    if complete:
        told = f'ReplicaSet "{name}" has successfully progressed.'
        return {**good, "reason": "NewReplicaSetAvailable", "message": told}
    if made:
        told = f'Created new replica set "{name}"'
        return {**good, "reason": "NewReplicaSetCreated", "message": told}
    same = known is not None and f'"{name}"' in known["message"]
    if known and same and not moved:
        if known["reason"] == "ProgressDeadlineExceeded" or (
            late and known["reason"] != "NewReplicaSetAvailable"
        ):
            told = f'ReplicaSet "{name}" has timed out progressing.'
            return {
                "type": "Progressing",
                "status": "False",
                "reason": "ProgressDeadlineExceeded",
                "message": told,
            }
        if known["status"] == "True" and known["reason"] != "ProgressDeadlineExceeded":
            return {key: known[key] for key in ("type", "status", "reason", "message")}
    told = f'ReplicaSet "{name}" is progressing.'
    return {**good, "reason": "ReplicaSetUpdated", "message": told}


def with_conditions(before: Json, wanted: list[Json], *, touched: bool) -> list[Json]:
    """The conditions with their times: transitions when the status changes, updates when anything does."""
    result = []
    for each in wanted:
        known = condition_of(before, each["type"])
        moment = now()
        same_status = known is not None and known["status"] == each["status"]
        same = known is not None and all(
            known.get(key) == each[key] for key in ("status", "reason", "message")
        )
        moving = touched and each["type"] == "Progressing"
        result.append(
            {
                **each,
                "lastTransitionTime": known["lastTransitionTime"] if known and same_status else moment,
                "lastUpdateTime": known["lastUpdateTime"] if known and same and not moving else moment,
            }
        )
    return result
