"""Rolling updates: how far the new replica set may go up and the old ones must go down. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable

from sandbox.clusters.jsons import Json, canonical, fingerprint

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: Json) -> str:
    """The pod-template-hash of a template: ten letters of the alphabet that Kubernetes uses."""
    number = int(fingerprint(template)[:16], 16)
    letters = []
    for _ in range(10):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def same_template(replica_set: Json, template: Json) -> bool:
    """Whether a replica set was made from this template."""
    own = replica_set["spec"]["template"]
    labels = {key: value for key, value in (own["metadata"].get("labels") or {}).items() if key != HASH}
    return canonical({**own, "metadata": {**own["metadata"], "labels": labels}}) == canonical(
        {**template, "metadata": {**template["metadata"], "labels": template["metadata"].get("labels") or {}}}
    )


def revision_of(body: Json) -> int:
    """The revision that a deployment or replica set carries, 0 without one."""
    return int((body["metadata"].get("annotations") or {}).get(REVISION, 0))


def bounds(spec: Json) -> tuple[int, int]:
    """How many pods above and below the wanted number a rolling update may have."""
    replicas = spec["replicas"]
    if spec["strategy"]["type"] == "Recreate":
        return 0, replicas
    rolling = spec["strategy"]["rollingUpdate"]
    surge = _part(rolling["maxSurge"], replicas, math.ceil)
    unavailable = _part(rolling["maxUnavailable"], replicas, math.floor)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, min(unavailable, replicas)


def _part(value: int | str, whole: int, rounding: Callable[[float], int]) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return rounding(int(value[:-1]) * whole / 100)
    return int(value)


def size_of(replica_set: Json) -> int:
    """The wanted number of a replica set."""
    return int(replica_set["spec"]["replicas"])


def count(sets: list[Json], key: str) -> int:
    """A status count over replica sets."""
    return sum((each.get("status") or {}).get(key, 0) for each in sets)


def new_size(spec: Json, new: Json, old: list[Json]) -> int:
    """The size that the new replica set may have now."""
    wanted = int(spec["replicas"])
    if spec["strategy"]["type"] == "Recreate":
        return wanted if count(old, "replicas") == 0 else size_of(new)
    surge, _ = bounds(spec)
    total = size_of(new) + sum(map(size_of, old))
    room = max(0, wanted + surge - total)
    return wanted if size_of(new) > wanted else min(wanted, size_of(new) + room)


def old_sizes(spec: Json, new: Json, old: list[Json]) -> dict[str, int]:
    """The sizes that the old replica sets, oldest first, shall have now, by name."""
    sizes = {each["metadata"]["name"]: size_of(each) for each in old}
    if spec["strategy"]["type"] == "Recreate":
        return dict.fromkeys(sizes, 0)
    _, unavailable = bounds(spec)
    minimum = int(spec["replicas"]) - unavailable
    total = size_of(new) + sum(sizes.values())
    new_missing = size_of(new) - count([new], "availableReplicas")
    allowed = total - minimum - new_missing
    for each in old:  # pods that serve nobody go first
        name = each["metadata"]["name"]
        useless = min(sizes[name] - count([each], "availableReplicas"), max(allowed, 0))
        if useless > 0:
            sizes[name] -= useless
            allowed -= useless
    spare = count([new, *old], "availableReplicas") - minimum
    for each in old:
        name = each["metadata"]["name"]
        going = min(sizes[name], max(spare, 0))
        sizes[name] -= going
        spare -= going
    return sizes
