"""Runs Node's own test runner on a checkout's files. The code under test gets neither ticket nor token."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hummingbird.core.errors import Garbled
from hummingbird.workloads.junit import TestRun, broken, read_junit
from hummingbird.workloads.process import clean_environment, run

ENDINGS = tuple(f".test.{ending}" for ending in ("js", "mjs", "cjs")) + tuple(
    f"-test.{ending}" for ending in ("js", "mjs", "cjs")
)
_RAN = frozenset({0, 1})


def node_test_files(folder: Path) -> list[Path]:
    """The folder's files that Node's runner takes for tests, sorted; other people's code left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.name.endswith(ENDINGS) and path.is_file() and "node_modules" not in path.parts
    )


def run_node_tests(
    checkout: Path, files: list[Path], scratch: Path, *, seconds: float, env: Mapping[str, str] | None = None
) -> TestRun:
    """Run the files' tests; a time-out or a crash of the tests is a failure, not an error.

    Raises Garbled when Node itself does not work.
    """
    report = scratch / "junit-node.xml"
    home = scratch / "node-tests-home"
    home.mkdir()
    # Files by name: what Node makes of a folder or a pattern depends on its version.
    names = [str(path.relative_to(checkout)) for path in files]
    argv = [_program(), "--test", "--test-reporter=junit", f"--test-reporter-destination={report}", *names]
    environment = clean_environment(home, dict(env or {}))
    ended = run(argv, cwd=checkout, env=environment, seconds=seconds)
    if not ended.in_time:
        return broken(f"the JavaScript tests did not end within {seconds:.0f} s", ended)
    if ended.code < 0:
        return broken(f"the JavaScript tests ended by signal {-ended.code}", ended)
    if ended.code not in _RAN:
        raise Garbled(f"node --test ended with {ended.code}: {ended.end}")
    ran = read_junit(report)
    if ended.code != 0 and not ran.failures:
        return broken(f"node --test ended with {ended.code} without naming a failure", ended)
    return replace(ran, seconds=ended.seconds)


def _program() -> str:
    return os.environ.get("HB_NODE") or "node"
