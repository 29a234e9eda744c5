"""Which lists of the served kinds are merged by key, and which objects are replaced whole.

From the vendor's OpenAPI document (x-kubernetes-patch-merge-key, x-kubernetes-list-map-keys,
x-kubernetes-map-type). A field is known by its own name and its parent's: that is enough for the kinds here.
"""

from __future__ import annotations

from sandbox.clusters.jsons import Json

_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "schedulingGates": ("name",),
    "resourceClaims": ("name",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "claims": ("name",),
}
_DEFAULTS = {"protocol": "TCP"}
_SETS = {"finalizers"}
_ATOMIC_OBJECTS = {"secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef", "matchLabels"}


def keys_of(parent: str, field: str) -> tuple[str, ...] | None:
    """The keys that tell the members of a list apart, or None for an atomic list."""
    if field == "ports":
        return ("port", "protocol") if parent == "spec" else ("containerPort", "protocol")
    return _KEYS.get(field)


def merge_key(parent: str, field: str) -> str | None:
    """The single key of a strategic merge patch."""
    keys = keys_of(parent, field)
    return keys[0] if keys else None


def is_set(field: str) -> bool:
    """Whether a list of scalars is a set, merged member by member."""
    return field in _SETS


def is_atomic(parent: str, field: str) -> bool:
    """Whether an object is replaced whole: label selectors and key references."""
    return field in _ATOMIC_OBJECTS or (field == "selector" and parent == "spec")


def member_key(keys: tuple[str, ...], member: Json) -> Json:
    """The key of one member, with the defaults that the API fills in."""
    return {key: member.get(key, _DEFAULTS.get(key)) for key in sorted(keys)}
