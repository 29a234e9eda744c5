"""Which runner a kind of suite has. A new kind: one file here, its line below, its word in `Suite.kind`."""

from __future__ import annotations

from hummingbird.core.errors import Invalid
from hummingbird.workloads.cases.pytest_cases import PytestCases
from hummingbird.workloads.cases.runner import CaseRunner

RUNNERS: dict[str, CaseRunner] = {
    "functional": PytestCases(),
    "api": PytestCases(),
}


def runner_of(kind: str) -> CaseRunner:
    """The runner; Invalid names those that exist."""
    if kind not in RUNNERS:
        raise Invalid(f"suite.kind: no runner for {kind}; there are {', '.join(sorted(RUNNERS))}")
    return RUNNERS[kind]
