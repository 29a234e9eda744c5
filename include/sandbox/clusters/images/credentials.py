"""Registry credentials from `kubernetes.io/dockerconfigjson` secrets."""

from __future__ import annotations

import base64
import binascii
import json

from sandbox.clusters.jsons import Json


def credentials(secrets: list[Json], host: str) -> tuple[str, str] | None:
    """User and password for a registry host from the first secret that has them, or None."""
    for secret in secrets:
        try:
            config = json.loads(base64.b64decode((secret.get("data") or {})[".dockerconfigjson"]))
        except (KeyError, ValueError, binascii.Error):
            continue  # a secret of another shape gives no credentials; the pull then fails by itself
        for place, entry in (config.get("auths") or {}).items():
            if place.removeprefix("https://").removeprefix("http://").partition("/")[0] == host:
                return _pair(entry)
    return None


def _pair(entry: Json) -> tuple[str, str]:
    if entry.get("auth"):
        user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
        return user, password
    return entry.get("username", ""), entry.get("password", "")
