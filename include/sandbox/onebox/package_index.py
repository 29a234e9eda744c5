"""pip's configuration (private index, proxy, certificate) in the words of uv, which reads none of it."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

SECTIONS = ("global", "install", ":env:")
"""Weakest first: what pip reads for `pip install`."""


def pip_settings(listing: str) -> dict[str, str]:
    """The settings that `pip config list` printed, the strongest section's value of each name."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        for line in listing.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(section + "."):
                found[name[len(section) + 1 :].lower()] = str(ast.literal_eval(value))
    return found


def uv_environment(settings: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """Environment variables that make uv install from where pip would; what the user set stands."""
    indexes = settings.get("extra-index-url", "").split()
    wanted = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(indexes),
        # As pip does it: the hashes in the requirement files decide, not the order of the indexes.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if indexes else "",
        "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if settings.get("no-index", "") in ("1", "true", "yes") else "",
        "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": settings.get("timeout", settings.get("default-timeout", "")),
        "SSL_CERT_FILE": settings.get("cert", ""),
        "HTTPS_PROXY": settings.get("proxy", ""),
        "HTTP_PROXY": settings.get("proxy", ""),
    }
    older = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
    return {
        name: value
        for name, value in wanted.items()
        if value and name not in environment and older.get(name, name) not in environment
    }


def read_pip_settings(python: Path) -> dict[str, str]:
    """pip's effective settings, as the pip of that Python tells them."""
    listing = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], check=True, capture_output=True, text=True, timeout=30
    )
    return pip_settings(listing.stdout)
