"""A checkout's .npmrc: it may say how npm behaves, and not from where it takes packages."""

from __future__ import annotations

import json
import re

from hummingbird.scanners.declared.direct import host
from hummingbird.scanners.declared.problem import NOT_READ, OTHER_SOURCE, UNVERIFIED_HOST, Problem

_SOURCES = frozenset({"registry", "replace-registry-host", "userconfig", "globalconfig", "prefix"})
_CARE = frozenset(
    {"strict-ssl", "ca", "cafile", "proxy", "https-proxy", "http-proxy", "allow-git", "allow-remote"}
)
MEND = "take the line out, the build's own settings say it"


def npmrc_problems(name: str, text: str) -> list[Problem]:
    """The lines that lead elsewhere, or that no longer verify who answers."""
    found = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1):
        plain = line.strip()
        if not plain or plain.startswith((";", "#", "[")):
            continue
        written, _, value = plain.partition("=")
        key = _key(written)
        if key is None or "${" in key:
            says = f"`{written.strip()[:80]}` is not understood as a setting's name; write it plainly"
            found.append(Problem(name, number, NOT_READ, says))
        elif key in _SOURCES or key.endswith(":registry"):
            says = f"sets {key} to {host(value.strip())}: packages would come from there; {MEND}"
            found.append(Problem(name, number, OTHER_SOURCE, says))
        elif key in _CARE:
            says = f"sets {key}: what the build verifies would be the checkout's choice; {MEND}"
            found.append(Problem(name, number, UNVERIFIED_HOST, says))
    return found


def _key(written: str) -> str | None:
    """A setting's name as npm's INI reader has it; None when it is quoted and no JSON."""
    plain = written.strip()
    if plain.startswith("'") and plain.endswith("'"):
        plain = plain[1:-1]
    if plain.startswith('"'):
        try:
            plain = str(json.loads(plain))
        except ValueError:
            return None
    return plain.removesuffix("[]").strip().lower()
