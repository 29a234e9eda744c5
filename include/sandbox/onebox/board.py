"""The supervisor's notice board: a file that tells every part's state, for `up`, `status` and people."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.onebox.place import write_private

WAITING, RUNNING, STARTING, UP, DONE, DOWN = "waiting", "running", "starting", "up", "done", "down"
PHASES = ("starting", "ready", "stopping", "stopped", "failed")


@dataclass
class Notice:
    """One part: what it is doing, its process, and how often it was started again."""

    title: str
    state: str = WAITING
    pid: int | None = None
    restarts: int = 0
    seconds: float = 0.0
    """How long it took to come up."""


@dataclass
class Board:
    """All notices, written at every change."""

    path: Path
    port_base: int
    phase: str = "starting"
    why: str = ""
    notices: dict[str, Notice] = field(default_factory=dict)
    began: float = field(default_factory=time.time)

    def set(self, name: str, **changes: Any) -> None:
        """Change a notice and publish."""
        for key, value in changes.items():
            setattr(self.notices[name], key, value)
        self.publish()

    def enter(self, phase: str, why: str = "") -> None:
        """Change the phase and publish."""
        self.phase, self.why = phase, why
        self.publish()

    def publish(self) -> None:
        """Write the board."""
        document = asdict(self)
        document["path"] = str(self.path)
        write_private(self.path, json.dumps(document, indent=1))


def read_board(path: Path) -> Board | None:
    """The board as last published, None when there is none."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    notices = {name: Notice(**notice) for name, notice in document.pop("notices").items()}
    return Board(**{**document, "path": path, "notices": notices})
