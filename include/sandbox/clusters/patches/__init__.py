"""The four ways to change an object by parts, as the API conventions define them.

Vendor documents: kubernetes.io "Update API Objects in Place Using kubectl patch", "Server-Side Apply",
RFC 6902 (JSON Patch), RFC 7396 (JSON Merge Patch).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.patches.json_patch import json_patch
from sandbox.clusters.patches.merge_patch import merge_patch
from sandbox.clusters.patches.strategic import strategic_merge

PATCHES: dict[str, Callable[[Json, Any], Json]] = {
    "application/json-patch+json": json_patch,
    "application/merge-patch+json": merge_patch,
    "application/strategic-merge-patch+json": strategic_merge,
}
"""Content type → (object, patch) → changed copy. Server-side apply is apart: it needs a field manager."""
