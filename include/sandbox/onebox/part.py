"""What the supervisor runs: steps that end, and daemons that stay."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """Work that ends: a command or a function. With a fingerprint it is done once for that fingerprint."""

    name: str
    title: str
    work: list[str] | Callable[[], None]
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    fingerprint: str | None = None


@dataclass(frozen=True)
class Daemon:
    """A process that stays; `ready` tells when it serves. It is started again when it ends."""

    name: str
    title: str
    command: list[str]
    ready: Callable[[], Awaitable[bool]]
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    stop_wave: int = 0
    """Daemons stop wave after wave, 0 first."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 12.0
    user: int | None = None


Part = Step | Daemon


class PartFailed(Exception):
    """A part cannot be brought up; the message is the sentence for the person."""
