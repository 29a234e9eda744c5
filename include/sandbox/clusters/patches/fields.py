"""Field sets: which leaves an object has, as managedFields (FieldsV1) names them.

A leaf is a scalar, an atomic list or object, an empty object, or a list member's own existence (`.`).
The real server also marks some parents with `.`; that only matters for emptied parents and is left out.
"""

from __future__ import annotations

from typing import Any

from sandbox.clusters.jsons import Json, canonical
from sandbox.clusters.patches.list_keys import is_atomic, is_set, keys_of, member_key

Path = tuple[str, ...]
Leaves = dict[Path, Any]

SYSTEM_METADATA = frozenset(
    {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "managedFields",
        "generateName",
        "selfLink",
    }
)


def leaves(body: Json) -> Leaves:
    """Every managed leaf of an object with its value; system metadata and status are nobody's."""
    found: Leaves = {}
    for key, value in body.items():
        if key in {"apiVersion", "kind", "status"}:
            continue
        if key == "metadata":
            own = {name: each for name, each in value.items() if name not in SYSTEM_METADATA}
            _walk(own, ("f:metadata",), "metadata", "", found)
        else:
            _walk(value, (f"f:{key}",), key, "", found)
    return found


def _walk(value: Any, path: Path, field: str, parent: str, found: Leaves) -> None:
    keys = keys_of(parent, field) if isinstance(value, list) else None
    if isinstance(value, dict) and value and not is_atomic(parent, field):
        for key, each in value.items():
            _walk(each, (*path, f"f:{key}"), key, field, found)
    elif isinstance(value, list) and keys and all(isinstance(each, dict) for each in value):
        for each in value:
            where = (*path, f"k:{canonical(member_key(keys, each))}")
            found[(*where, ".")] = True
            for key, inner in each.items():
                _walk(inner, (*where, f"f:{key}"), key, field, found)
    elif isinstance(value, list) and is_set(field):
        for each in value:
            found[(*path, f"v:{canonical(each)}")] = each
    elif path != ("f:metadata",):
        found[path] = value


def to_fields_v1(paths: set[Path]) -> Json:
    """A set of leaves as the nested object of `fieldsV1`."""
    root: Json = {}
    for path in sorted(paths):
        at = root
        for step in path:
            at = at.setdefault(step, {})
    return root


def from_fields_v1(fields: Json) -> set[Path]:
    """The leaves that a `fieldsV1` object names."""
    found: set[Path] = set()

    def walk(node: Json, path: Path) -> None:
        for key, inner in node.items():
            if inner:
                walk(inner, (*path, key))
            else:
                found.add((*path, key))

    walk(fields, ())
    return found


def readable(path: Path) -> str:
    """`.spec.template.spec.containers[name="web"].image`, as conflict messages name a field."""
    text = ""
    for step in path:
        kind, _, rest = step.partition(":")
        if kind == "f":
            text += f".{rest}"
        elif kind == "k":
            text += (
                f"[{rest[1:-1].replace(':', '=')}]".replace('["', "[").replace('"=', "=").replace(',"', ",")
            )
        elif kind == "v":
            text += f"[={rest}]"
    return text
