"""Waiting for what another thread or process makes true."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(question: Callable[[], Answer], seconds: float = 60) -> Answer:
    """Ask until the answer is true; the answer. The limit is generous: it only ends a test that hangs."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"not true within {seconds} s: {question}"
        threading.Event().wait(0.02)
    return answer
