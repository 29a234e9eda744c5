"""One rule: for which calls of which system, how often, and what goes wrong; read from JSON."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.faults.effects import KINDS
from sandbox.world import PORTS


class FaultError(ValueError):
    """A rule that cannot be one; the message names the field."""


@dataclass
class Rule:
    """A fault. `path` is matched against the path with its query, a webhook's trigger, or a pod's ns/name."""

    system: str
    kind: str
    settings: dict[str, Any]
    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    after: int = 0
    """So many matches pass unharmed first."""
    count: int = 0
    """Takes effect at most so often; 0 is without end."""
    probability: float = 1.0
    seed: int = 0
    id: int = 0
    seen: int = 0
    used: int = 0
    active: bool = False
    """Of a door's fault: it has been called forth."""

    @property
    def where(self) -> str:
        """Where it takes effect."""
        return KINDS[self.kind].where

    def is_for(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Whether this call is meant."""
        return (re.fullmatch(self.method, method, re.IGNORECASE) is not None if self.method else True) and (
            re.search(self.path, path) is not None
            and all(re.search(wanted, headers.get(name, "")) for name, wanted in self.headers.items())
        )

    def strikes(self) -> bool:
        """Count one matching call; whether the fault takes effect on it."""
        self.seen += 1
        if self.seen <= self.after or (self.count and self.used >= self.count):
            return False
        if self.probability < 1 and random.Random(f"{self.seed}/{self.seen}").random() >= self.probability:  # noqa: S311
            return False
        self.used += 1
        return True

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def line(self) -> str:
        """For people."""
        match = " ".join(filter(None, (self.method, self.path))) or "everything"
        told = " ".join(f"{key}={value}" for key, value in self.settings.items())
        count = f", at most {self.count}×" if self.count else ""
        after = f", after {self.after}" if self.after else ""
        return (
            f"{self.id}  {self.system}  {self.kind} {told}  on {match}{after}{count}: used {self.used} times"
        )


def rule(document: Mapping[str, Any], system: str = "") -> Rule:
    """Read a rule; `system` where the document names none. FaultError names the field that does not fit."""
    given = dict(document)
    target = given.pop("system", system)
    if target not in PORTS:
        raise FaultError(f"system: {target!r} is none of {', '.join(PORTS)}")
    kind = given.pop("kind", "")
    if kind not in KINDS:
        raise FaultError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    settings = dict(KINDS[kind].settings)
    for name, value in dict(given.pop("settings", {})).items():
        if name not in settings:
            raise FaultError(f"settings.{name}: {kind} takes {', '.join(settings) or 'none'}")
        settings[name] = _typed(f"settings.{name}", value, type(settings[name]))
    made = Rule(
        target,
        kind,
        settings,
        method=_pattern("method", given.pop("method", "")),
        path=_pattern("path", given.pop("path", "")),
        headers={str(k): _pattern(f"headers.{k}", v) for k, v in dict(given.pop("headers", {})).items()},
        after=_typed("after", given.pop("after", 0), int),
        count=_typed("count", given.pop("count", 0), int),
        probability=_typed("probability", given.pop("probability", 1.0), float),
        seed=_typed("seed", given.pop("seed", 0), int),
    )
    if given:
        raise FaultError(f"{sorted(given)[0]}: a rule has no such field")
    made.active = made.where == "door" and not (made.method or made.path or made.after)
    return made


def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise FaultError(f"{name}: expected {kind.__name__}, found {value!r}")
    return value


def _pattern(name: str, value: Any) -> str:
    text: str = _typed(name, value, str)
    try:
        re.compile(text)
    except re.error as error:
        raise FaultError(f"{name}: {text!r} is no regular expression: {error}") from error
    return text
