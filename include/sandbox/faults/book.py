"""The rules of a world in one file: every process reads it when it changed and counts in it under a lock."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.faults.rule import Rule
from sandbox.world import World


class Book:
    """All rules of a world, in the order in which they were set."""

    def __init__(self, world: World) -> None:
        self.folder = world.folder("faults")
        self._file = self.folder / "rules.json"
        self._read_at = -1
        self._rules: list[Rule] = []

    def rules(self, system: str = "") -> list[Rule]:
        """The rules, or those of one system."""
        moment = self._moment()
        if moment != self._read_at:
            self._rules, self._read_at = _read(self._file)[1], moment
        return [each for each in self._rules if system in {"", each.system}]

    def add(self, rule: Rule) -> Rule:
        """Keep a rule; it gets its number."""
        with self._changing() as (content, rules):
            content["next"] = rule.id = content["next"] + 1
            rules.append(rule)
        return rule

    def clear(self, number: int = 0, system: str = "") -> int:
        """Forget one rule, those of a system, or all; how many went."""
        with self._changing() as (_, rules):
            going = [each for each in rules if number in {0, each.id} and system in {"", each.system}]
            rules[:] = [each for each in rules if each not in going]
        return len(going)

    def strike(
        self,
        system: str,
        where: tuple[str, ...],
        method: str,
        path: str,
        headers: Mapping[str, str],
        only: int = 0,
    ) -> list[Rule]:
        """The rules (or the only one) that take effect on this call: every latency, the first of others."""
        present = [each for each in self.rules(system) if each.where in where and only in {0, each.id}]
        if not any(each.is_for(method, path, headers) for each in present):
            return []
        struck: list[Rule] = []
        with self._changing() as (_, rules):
            for each in rules:
                settled = each.kind != "latency" and any(other.kind != "latency" for other in struck)
                meant = each.system == system and each.where in where and only in {0, each.id}
                if (
                    meant
                    and not each.active
                    and not settled
                    and each.is_for(method, path, headers)
                    and each.strikes()
                ):
                    each.active = each.where == "door"
                    struck.append(each)
        for each in struck:
            self.say(each, method, path)
        return struck

    def say(self, rule: Rule, method: str, path: str) -> None:
        """Write down that a fault took effect."""
        line = {
            "at": round(time.time(), 3),
            "system": rule.system,
            "rule": rule.id,
            "kind": rule.kind,
            "method": method,
            "path": path,
        }
        with (self.folder / "applied.log").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _moment(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    @contextmanager
    def _changing(self) -> Iterator[tuple[dict[str, Any], list[Rule]]]:
        with (self.folder / "rules.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content, rules = _read(self._file)
            yield content, rules
            fresh = self._file.with_suffix(".new")
            written = {"next": content["next"], "rules": [each.document() for each in rules]}
            fresh.write_text(json.dumps(written, indent=1), "utf-8")
            fresh.replace(self._file)
            self._read_at = -1


def _read(file: Path) -> tuple[dict[str, Any], list[Rule]]:
    content: dict[str, Any] = {"next": 0, "rules": []}
    if file.exists():
        content = json.loads(file.read_text("utf-8"))
    return content, [Rule(**each) for each in content["rules"]]
