"""What stands for sleeping in tests of retries."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sleeper:
    """Remembers how long it was asked to sleep."""

    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
