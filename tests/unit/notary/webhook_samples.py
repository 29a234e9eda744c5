"""A push as GitLab tells it."""

from __future__ import annotations

from typing import Any

from unit.notary.delivery_samples import COMMIT, OLD_COMMIT


def a_push(branch: str = "feature/HB-101-limit", **fields: Any) -> dict[str, Any]:
    return {
        "object_kind": "push",
        "ref": f"refs/heads/{branch}",
        "before": OLD_COMMIT,
        "after": COMMIT,
        "user_username": "developer",
        "project": {"path_with_namespace": "trading/order-gateway"},
        "commits": [{"id": COMMIT, "message": "HB-102 涨跌停", "author": {"email": "d@x"}}],
    } | fields
