"""A checkout's own test command: its JUnit report where it leaves one, else its exit code as one test."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hummingbird.core.finding import TestCounts
from hummingbird.workloads.junit import TestRun, read_junit
from hummingbird.workloads.process import clean_environment, run

REPORT = "junit.xml"


def run_command(
    checkout: Path, command: Sequence[str], home: Path, *, seconds: float, env: Mapping[str, str]
) -> TestRun:
    """Run the command in the checkout; a time-out, a signal or another code than 0 is a failure."""
    report = checkout / REPORT
    report.unlink(missing_ok=True)
    said = " ".join(command)
    ended = run(command, cwd=checkout, env=clean_environment(home, env), seconds=seconds)
    words = " ".join((ended.out + ended.err).split())[-300:]
    if not ended.in_time:
        return _one(f"`{said}` did not end within {seconds:.0f} s: {words}", ended.seconds)
    if report.is_file():
        ran = read_junit(report)
        if ended.code == 0 or ran.failures:
            return TestRun(ran.counts, ran.failures, ended.seconds)
    if ended.code != 0:
        return _one(f"`{said}` ended with {ended.code}: {words}", ended.seconds)
    return TestRun(TestCounts(total=1, failed=0, skipped=0), [], ended.seconds)


def with_path(*folders: Path) -> str:
    """PATH with these folders first, those that exist."""
    return os.pathsep.join([*(str(one) for one in folders if one.is_dir()), os.environ.get("PATH", "")])


def _one(sentence: str, seconds: float) -> TestRun:
    return TestRun(TestCounts(total=1, failed=1, skipped=0), [sentence], seconds)
