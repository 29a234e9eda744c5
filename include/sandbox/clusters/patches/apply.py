"""Server-side apply: merge by ownership, refuse to take a field from another manager unless forced."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.clusters.jsons import Json, canonical, now
from sandbox.clusters.patches.fields import SYSTEM_METADATA, Leaves, Path, leaves, readable
from sandbox.clusters.patches.list_keys import is_atomic, is_set, keys_of, member_key
from sandbox.clusters.patches.managers import Manager, managers_of, write_managers
from sandbox.clusters.statuses import ApiError


def server_side_apply(live: Json | None, config: Json, manager: str, *, force: bool) -> Json:
    """The object after `manager` applied `config`; ApiError 409 with one cause per contested field."""
    managers = managers_of(live) if live else []
    own = next((each for each in managers if (each.name, each.operation) == (manager, "Apply")), None)
    wanted, present = leaves(config), leaves(live) if live else {}
    others = [each for each in managers if each is not own]
    contested = _contested(wanted, present, others)
    if contested and not force:
        raise _conflict(contested)
    result = _merge_root(live, config)
    if own is not None:
        kept = set(wanted).union(*(each.owned for each in others))
        for path in own.owned - kept:
            place = _unowned_root(path, kept)
            if place is not None:
                _remove(result, place)
    for each, path in contested:
        each.owned.discard(path)
    after = leaves(result)
    for each in managers:
        each.owned &= set(after)
    if own is None:
        own = Manager(manager, "Apply", config["apiVersion"])
        managers.insert(0, own)
    if own.owned != set(wanted) or own.time is None or live is None or after != present:
        own.time = now()
    own.owned = set(wanted)
    write_managers(result, managers)
    return result


def _contested(wanted: Leaves, present: Leaves, others: list[Manager]) -> list[tuple[Manager, Path]]:
    return [
        (each, path)
        for each in others
        for path, value in wanted.items()
        if path in each.owned and path in present and present[path] != value
    ]


def _conflict(contested: list[tuple[Manager, Path]]) -> ApiError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_named(each)}",
            "field": readable(path),
        }
        for each, path in contested
    ]
    by_manager: dict[str, list[str]] = {}
    for each, path in contested:
        by_manager.setdefault(_named(each), []).append(readable(path))
    if len(contested) == 1:
        told = f"conflict with {_named(contested[0][0])}: {readable(contested[0][1])}"
    else:
        lists = "\n".join(
            f"conflicts with {name}:\n" + "\n".join(f"- {field}" for field in fields)
            for name, fields in by_manager.items()
        )
        told = lists
    number = f"{len(contested)} conflict{'s' if len(contested) > 1 else ''}"
    return ApiError(409, "Conflict", f"Apply failed with {number}: {told}", {"causes": causes})


def _named(manager: Manager) -> str:
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    if manager.operation == "Update":
        text += f" using {manager.api_version}" + (f" at {manager.time}" if manager.time else "")
    return text


def _merge_root(live: Json | None, config: Json) -> Json:
    result = copy.deepcopy(live) if live else {}
    for key, value in config.items():
        if key == "status":
            continue
        if key == "metadata":
            own = {name: each for name, each in value.items() if name not in SYSTEM_METADATA or not live}
            result[key] = _merge(result.get(key) or {}, own, key, "")
        else:
            result[key] = _merge(result.get(key), value, key, "")
    result["metadata"].pop("managedFields", None)
    return result


def _merge(target: Any, value: Any, field: str, parent: str) -> Any:
    if isinstance(value, dict) and isinstance(target, dict) and not is_atomic(parent, field):
        return {**target, **{key: _merge(target.get(key), each, key, field) for key, each in value.items()}}
    if isinstance(value, list) and isinstance(target, list):
        keys = keys_of(parent, field)
        if keys:
            return _merge_members(target, value, keys, field)
        if is_set(field):
            return target + [each for each in value if each not in target]
    return copy.deepcopy(value)


def _merge_members(target: list[Json], value: list[Json], keys: tuple[str, ...], field: str) -> list[Json]:
    old = {canonical(member_key(keys, each)): each for each in target}
    result = {}
    for each in value:
        key = canonical(member_key(keys, each))
        present = old.get(key, {})
        merged = {name: _merge(present.get(name), inner, name, field) for name, inner in each.items()}
        result[key] = {**present, **merged}
    return [*result.values(), *(each for key, each in old.items() if key not in result)]


def _unowned_root(path: Path, kept: set[Path]) -> Path | None:
    """The widest part around a given-up leaf in which nobody owns anything: defaults go with it.

    Labels and annotations go one by one: controllers write theirs beside them.
    """
    base = path[:-1] if path[-1] == "." else path
    first = len(base) if path[0] == "f:metadata" else 2
    for length in range(first, len(base) + 1):
        prefix = base[:length]
        if not any(each[:length] == prefix for each in kept):
            return prefix
    return None


def _remove(root: Json, path: Path) -> None:
    at: Any = root
    field = parent = ""
    for number, step in enumerate(path, start=1):
        kind, _, rest = step.partition(":")
        index = _place(at, kind, rest, keys_of(parent, field))
        if index is None:
            return
        if number == len(path):
            del at[index]
            return
        at = at[index]
        if kind == "f":
            parent, field = field, rest


def _place(at: Any, kind: str, rest: str, keys: tuple[str, ...] | None) -> Any:
    if kind == "f":
        return rest if isinstance(at, dict) and rest in at else None
    if not isinstance(at, list):
        return None
    for index, member in enumerate(at):
        if kind == "k" and keys and canonical(member_key(keys, member)) == rest:
            return index
        if kind == "v" and canonical(member) == rest:
            return index
    return None
