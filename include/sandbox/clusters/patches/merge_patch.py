"""RFC 7396: objects merge, null removes, everything else replaces."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.statuses import bad_request


def merge_patch(body: Json, patch: Any) -> Json:
    """A changed copy of `body`; ApiError 400 when the patch is no object."""
    if not isinstance(patch, dict):
        raise bad_request("a merge patch must be an object")
    return _merge(body, patch)


def _merge(target: Any, patch: Json) -> Json:
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _merge(result.get(key), value)
        else:
            result[key] = copy.deepcopy(value)
    return copy.deepcopy(result)
