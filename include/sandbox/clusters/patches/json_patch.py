"""RFC 6902: a list of operations, all or none."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.statuses import ApiError, bad_request


def json_patch(body: Json, operations: Any) -> Json:
    """A changed copy of `body`; ApiError 400 for a malformed patch, 422 for one that does not apply."""
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    result: Any = copy.deepcopy(body)
    for operation in operations:
        try:
            result = _apply(result, operation)
        except (KeyError, IndexError, ValueError, TypeError) as problem:
            message = (
                f"the server rejected our request due to an error in our request: {operation}: {problem}"
            )
            raise ApiError(422, "Invalid", message) from problem
    if not isinstance(result, dict):
        raise bad_request("a JSON patch must leave an object")
    return result


def _apply(root: Any, operation: Json) -> Any:
    name, path = operation["op"], _pointer(operation["path"])
    if name == "test":
        if _get(root, path) != operation["value"]:
            raise ValueError("test failed")
        return root
    if name in {"add", "replace"}:
        return _set(root, path, operation["value"], replace=name == "replace")
    if name == "remove":
        return _remove(root, path)
    if name in {"copy", "move"}:
        value = copy.deepcopy(_get(root, _pointer(operation["from"])))
        if name == "move":
            root = _remove(root, _pointer(operation["from"]))
        return _set(root, path, value, replace=False)
    raise ValueError(f"unknown operation {name!r}")


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} is no JSON pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _get(root: Any, path: list[str]) -> Any:
    for part in path:
        root = root[int(part)] if isinstance(root, list) else root[part]
    return root


def _set(root: Any, path: list[str], value: Any, *, replace: bool) -> Any:
    if not path:
        return value
    parent, last = _get(root, path[:-1]), path[-1]
    if isinstance(parent, list):
        if last == "-":
            parent.append(value)
        elif replace:
            parent[int(last)] = value
        elif int(last) > len(parent):
            raise IndexError(f"index {last} is past the end")
        else:
            parent.insert(int(last), value)
    elif replace and last not in parent:
        raise KeyError(last)
    else:
        parent[last] = value
    return root


def _remove(root: Any, path: list[str]) -> Any:
    parent = _get(root, path[:-1])
    del parent[int(path[-1]) if isinstance(parent, list) else path[-1]]
    return root
