"""Addresses: plain HTTP and unverified TLS end at loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_VERIFIED = ("verify-full", "verify-ca")
_UNVERIFIED = ("verify", "verify_ssl", "ssl_verify", "verify_tls")
"""Words of connection extras by which Airflow's hooks and ours are told not to look at certificates."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or number: no packet for it reaches a wire."""
    if host.rstrip(".").casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def address_problems(where: str, url: str) -> list[str]:
    """A sentence unless the URL is HTTPS, or leads to loopback."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname or ""
    except ValueError:  # half a bracket of an IPv6 address, say
        scheme, host = "", ""
    if scheme not in ("http", "https") or not host:
        return [f"{where} is not an address; give it as https://host:port"]
    if scheme == "https" or is_loopback(host):
        return []
    return [f"{where} speaks plain HTTP to {host}; give an https:// address, only loopback may do without"]


def extra_problems(where: str, host: str, extra: Mapping[str, Any]) -> list[str]:
    """A sentence for every extra that switches the check of certificates off, outside loopback."""
    if is_loopback(host):
        return []
    told = [word for word in _UNVERIFIED if _says_no(extra.get(word))]
    return [
        f"{where} switches the check of {host}'s certificate off (extra {word}); "
        "remove it and give the image the authority's certificate"
        for word in told
    ]


def database_problems(where: str, host: str, sslmode: object) -> list[str]:
    """A sentence unless PostgreSQL is reached over verified TLS, by a local socket or on loopback."""
    if not host or host.startswith("/") or is_loopback(host):
        return []
    mode = str(sslmode or "none")
    if mode in _VERIFIED:
        return []
    return [f"{where} does not verify {host} (sslmode {mode}); add sslmode=verify-full and sslrootcert"]


def kubeconfig_problems(where: str, document: Mapping[str, Any]) -> list[str]:
    """A sentence for every cluster of a kubeconfig that is reached without TLS or without looking at it."""
    if not document.get("clusters"):
        return [f"{where} names no cluster; give a whole kubeconfig"]
    told = []
    for entry in document["clusters"]:
        cluster = entry.get("cluster") or {}
        server = str(cluster.get("server") or "")
        named = f"{where}, cluster {entry.get('name')}"
        told += address_problems(named, server)
        if cluster.get("insecure-skip-tls-verify") and not is_loopback(urlsplit(server).hostname or ""):
            told.append(
                f"{named} has insecure-skip-tls-verify; remove it and give certificate-authority-data"
            )
    return told


def _says_no(value: object) -> bool:
    return value is False or str(value).strip().casefold() in ("false", "0", "no", "off")
