"""A story's evidence as the notary hands it out, and what somebody could do to the file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.__main__ import main
from auditor.decisions import Decisions
from auditor.signed import unbase64
from hummingbird.core.canonical import canonical_json

Act = Callable[[dict[str, Any]], object]


@dataclass
class EvidenceFile:
    """The lines of a file: the head, then rows."""

    path: Path
    key: str

    @property
    def lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines()

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines[1:]]

    @property
    def statement(self) -> dict[str, Any]:
        found = json.loads(base64.b64decode(json.loads(self.lines[0])["statement"]["payload"]))
        assert isinstance(found, dict)
        return found

    def place_of(self, kind: str) -> int:
        """The line (from 0) of the first row of a kind, such as `warrant.issued`."""
        return next(n for n, row in enumerate(self.rows, start=1) if kind in row["kind"])

    def write(self, lines: list[bytes]) -> None:
        self.path.write_bytes(b"".join(line + b"\n" for line in lines))

    def rewrite(self, number: int, **columns: Any) -> None:
        """Change columns of a row, written as the platform writes it."""
        lines = self.lines
        lines[number] = canonical_json(json.loads(lines[number]) | columns)
        self.write(lines)

    def decisions(self) -> Decisions:
        """The verifier's own, before any row."""
        return Decisions(unbase64(self.key, "key"), unbase64(self.statement["builds_key"], "key"))

    def replay(self, *, without: str = "", **change: Act) -> Decisions:
        """Take the rows in order: leave kinds out, or have `kind` changed by a function of its event."""
        decisions = self.decisions()
        for row in self.rows:
            event = json.loads(row["envelope"])["customData"]["event"]
            if without and without in event["kind"]:
                continue
            for kind, act in change.items():
                if kind.replace("__", ".") in event["kind"]:
                    act(event)
            decisions.take(row, event)
        return decisions

    def check(self, *more: str) -> int:
        return main([str(self.path), "--key", self.key, *more])
