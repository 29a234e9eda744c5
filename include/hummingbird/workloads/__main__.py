"""`python -m hummingbird.workloads <name>`: the one entrance of every pod, and of the image builder.

Exit code 0: the work is done and its result posted, whatever the result says. 1: BROKEN, machinery failed and
another attempt may succeed. 2: REFUSED, another attempt cannot. The last line begins with the outcome.
"""

from __future__ import annotations

import importlib
import signal
import sys
from types import FrameType

from hummingbird.core.errors import Final, Retryable
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.workloads.progress import say

NAMES = (
    "scan",
    "deploy",
    "suite",
    "regression",
    "regression_select",
    "observe_code",
    "rollup",
    "build_image",
    "build_program",
    "prepare_program",
)


def main(arguments: list[str]) -> int:
    """Run one workload; only the one that is asked for is imported, a pod pays for nothing else."""
    if not arguments or arguments[0] not in NAMES:
        say(f"usage: python -m hummingbird.workloads {'|'.join(NAMES)}")
        return 2
    name, *rest = arguments
    signal.signal(signal.SIGTERM, _stop)
    try:
        code: int = importlib.import_module(f"hummingbird.workloads.{name}").main(rest)
    except Retryable as error:
        say(outcome_line(Outcome.BROKEN, f"{name}: {error}"))
        return 1
    except Final as error:
        say(outcome_line(Outcome.REFUSED, f"{name}: {error}"))
        return 2
    return code


def _stop(number: int, _: FrameType | None) -> None:
    """Leave by an exception, so that started programs are stopped and a lease is given back."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
