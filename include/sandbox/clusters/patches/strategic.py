"""Strategic merge patch: lists of objects merge by key; `$patch` and `$setElementOrder` direct it."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.patches.list_keys import is_set, merge_key
from sandbox.clusters.statuses import bad_request


def strategic_merge(body: Json, patch: Any) -> Json:
    """A changed copy of `body`; ApiError 400 for a patch that is no object or lacks a merge key."""
    if not isinstance(patch, dict):
        raise bad_request("a strategic merge patch must be an object")
    return _object(copy.deepcopy(body), patch, "")


def _object(target: Json, patch: Json, name: str) -> Json:
    directive = patch.get("$patch")
    if directive == "delete":
        return {}
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if "$retainKeys" in patch:
        target = {key: value for key, value in target.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            target[field] = [each for each in target.get(field) or [] if each not in value]
        elif not key.startswith("$"):
            _field(target, key, value, name)
    for key, order in patch.items():
        if key.startswith("$setElementOrder/"):
            field = key.partition("/")[2]
            if isinstance(target.get(field), list):
                target[field] = _ordered(target[field], order, merge_key(name, field))
    return target


def _field(target: Json, key: str, value: Any, parent: str) -> None:
    if value is None:
        target.pop(key, None)
    elif isinstance(value, dict):
        present = target.get(key)
        target[key] = _object(present if isinstance(present, dict) else {}, value, key)
    elif isinstance(value, list):
        target[key] = _list(target.get(key) or [], value, key, parent)
    else:
        target[key] = value


def _list(target: list[Any], patch: list[Any], field: str, parent: str) -> list[Any]:
    key = merge_key(parent, field)
    if is_set(field):
        return target + [each for each in patch if each not in target]
    if key is None or not all(isinstance(each, dict) for each in patch):
        return copy.deepcopy(patch)
    if {"$patch": "replace"} in patch:
        return [each for each in patch if each != {"$patch": "replace"}]
    result = list(target)
    for each in patch:
        if key not in each:
            raise bad_request(f"map: {each} does not contain declared merge key: {key}")
        place = next((at for at, old in enumerate(result) if old.get(key) == each[key]), None)
        if each.get("$patch") == "delete":
            result = [old for old in result if old.get(key) != each[key]]
        elif place is None:
            result.append(_object({}, each, field))
        else:
            result[place] = _object(result[place], each, field)
    return result


def _ordered(members: list[Any], order: list[Any], key: str | None) -> list[Any]:
    wanted = [each[key] if key and isinstance(each, dict) else each for each in order]

    def place(member: Any) -> int:
        name = member.get(key) if key and isinstance(member, dict) else member
        return wanted.index(name) if name in wanted else len(wanted)

    return sorted(members, key=place)
