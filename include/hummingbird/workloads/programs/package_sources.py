"""Where pip and npm take packages from here, as they themselves say it: settings have many places."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from hummingbird.core.errors import Garbled, Unreachable
from hummingbird.scanners.declared.npm_registry import NpmRegistry
from hummingbird.workloads.process import Ended, run

SECONDS = 60.0
PIP_DEFAULT = "PyPI"
_SECTIONS = (":env:", "install", "global")
"""pip's own order: the environment counts before the command's section, and that before what is for all."""


def pip_indexes(home: Path, environment: Mapping[str, str]) -> list[str]:
    """The indexes over the network that pip would ask, each once, pip's own default by its name.

    Folders of this machine are no index in this sense: nobody publishes there but who runs the builds.
    """
    argv = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    told = run(argv, cwd=home, env=environment, seconds=SECONDS)
    settings = dict(_setting(line) for line in _said(told, "pip config list").splitlines() if "=" in line)
    extra = [*_words(settings, "extra-index-url"), *_words(settings, "find-links")]
    if _first(settings, "no-index").lower() in ("1", "true", "yes", "on"):
        extra = _words(settings, "find-links")
    else:
        extra = [_first(settings, "index-url") or PIP_DEFAULT, *extra]
    return list(dict.fromkeys(one.rstrip("/") for one in extra if one == PIP_DEFAULT or _over_network(one)))


def npm_registry(npm: Path, home: Path, environment: Mapping[str, str]) -> NpmRegistry:
    """The registry that npm would ask; asked outside of the checkout, whose own settings do not count."""
    told = run([str(npm), "config", "list", "--json"], cwd=home, env=environment, seconds=SECONDS)
    try:
        settings = json.loads(_said(told, "npm config list"))
    except ValueError as error:
        raise Garbled(f"npm config list did not write JSON: {error}") from error
    if not isinstance(settings, dict) or not settings.get("registry"):
        raise Garbled("npm config list names no registry")
    return NpmRegistry(settings["registry"], settings.get("replace-registry-host", NpmRegistry.replaced))


def _said(ended: Ended, command: str) -> str:
    if ended.code != 0 or not ended.in_time:
        raise Unreachable(f"`{command}` does not tell where packages come from: {ended.end}")
    return ended.out


def _setting(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    try:
        return key.strip(), str(ast.literal_eval(value))
    except (ValueError, SyntaxError) as error:
        raise Garbled(f"pip config list wrote a line that is no setting: {key}") from error


def _first(settings: Mapping[str, str], name: str) -> str:
    return next((settings[f"{one}.{name}"] for one in _SECTIONS if f"{one}.{name}" in settings), "")


def _words(settings: Mapping[str, str], name: str) -> list[str]:
    return _first(settings, name).split()


def _over_network(source: str) -> bool:
    return "://" in source and not source.startswith("file:")
