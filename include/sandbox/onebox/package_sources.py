"""Where pip and npm get packages on this machine, told to pods and jobs: they inherit nothing."""

from __future__ import annotations

import os

from sandbox.onebox.package_index import read_pip_settings
from sandbox.onebox.place import Place

SETTINGS = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "proxy",
    "timeout",
)
INHERITED = ("NPM_CONFIG_REGISTRY", "npm_config_registry", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


def package_sources(place: Place) -> dict[str, str]:
    """Environment variables for pip and npm, with one cache for all of this platform's pods and jobs."""
    told = read_pip_settings(place.python)
    found = {f"PIP_{name.upper().replace('-', '_')}": told[name] for name in SETTINGS if told.get(name)}
    found.update({name: os.environ[name] for name in (*INHERITED, *PROXIES) if os.environ.get(name)})
    cache = place.home / "cache"
    return {
        **found,
        "PIP_CACHE_DIR": str(cache / "pip"),
        "NPM_CONFIG_CACHE": str(cache / "npm"),
        "NODE_USE_SYSTEM_CA": "1",
    }
