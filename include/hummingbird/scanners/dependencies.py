"""Where a component's packages come from: our own reading of requirement files, manifests and locks.

The same look as the builder's, so that the gate knows whichever pipeline builds. Nothing is fetched.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import ClassVar

import yaml

from hummingbird.core.canonical import content_hash, sha256_hex
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.declared.files import declared_problems, is_declaring
from hummingbird.scanners.declared.npm_registry import registry_of
from hummingbird.scanners.scanner import RULES, RULES_VARIABLE, Command, Hit, Reading, Rules

FILE = RULES / "dependencies.yaml"
READERS = Path(__file__).with_name("declared")
VERSION = "dependencies.version"
_LIBRARY = "packaging"


class Dependencies:
    """Reads in this process; the version is that of the library that reads requirements."""

    name = "dependencies"
    settings: ClassVar[dict[str, str]] = {}
    of_project = True

    def takes(self, name: str) -> bool:
        """Requirement files, manifests, locks and npm's settings."""
        return is_declaring(name)

    def rules(self) -> Rules:
        """The rules of our file; how they are applied is part of their hash."""
        document = yaml.safe_load(FILE.read_text("utf-8"))
        readers = {path.name: sha256_hex(path.read_bytes()) for path in sorted(READERS.glob("*.py"))}
        return Rules(len(document["rules"]), content_hash([document, readers]))

    def commands(self, reports: Path) -> list[Command]:
        """The library's version alone; what reads is this process."""
        version = self.version_command()
        return [Command(version.argv, version.ran, stdout=reports / VERSION)]

    def version_command(self) -> Command:
        """What the library says of itself."""
        tell = f"from importlib.metadata import version; print(version({_LIBRARY!r}))"
        return Command([sys.executable, "-I", "-c", tell], frozenset({0}))

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Every file of the view that declares, by the registry that this process is told of."""
        names = (path.relative_to(view).as_posix() for path in view.rglob("*") if path.is_file())
        mine = sorted(name for name in names if is_declaring(name))
        severities = yaml.safe_load(FILE.read_text("utf-8"))["rules"]
        hits = [
            Hit(one.rule, Severity(severities[one.rule]["severity"]), one.path, one.line, one.says)
            for one in declared_problems(view, mine, registry_of(os.environ))
        ]
        if not (reports / VERSION).is_file():
            raise Garbled(f"{_LIBRARY} does not tell its version; {messages[-300:]}")
        version = (reports / VERSION).read_text("utf-8").strip()
        return Reading(version, frozenset(mine), hits)

    def reproduce(self, hit: Hit) -> str:
        """The same reading over a developer's checkout."""
        include = f'PYTHONPATH="${RULES_VARIABLE}/../../.."'
        return f"{include} python3 -m hummingbird.scanners.declared {shlex.quote(hit.path)}"
