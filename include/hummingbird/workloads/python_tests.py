"""Runs pytest on a folder of a checkout. The code under test gets neither ticket nor token."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hummingbird.core.errors import Garbled, Invalid
from hummingbird.workloads.junit import TestRun, broken, read_junit
from hummingbird.workloads.process import clean_environment, run

_RAN = frozenset({0, 1, 2, 5})
"""pytest's exit codes: passed, failed, errors while collecting, nothing collected."""


def run_pytest(
    checkout: Path,
    folder: str,
    scratch: Path,
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> TestRun:
    """Run the tests of a folder; a time-out or a crash of the tests is a failure, not an error.

    Raises Invalid when the folder is missing or outside, Garbled when pytest itself does not work.
    """
    place = (checkout / folder).resolve()
    if not place.is_relative_to(checkout.resolve()) or not place.exists():
        raise Invalid(f"the commit has no folder {folder} with tests; the catalogue names it")
    report = scratch / "junit.xml"
    home = scratch / "tests-home"
    home.mkdir()
    argv = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
    argv += [
        f"--junitxml={report}",
        f"--rootdir={checkout}",
        *options,
        str(place.relative_to(checkout.resolve())),
    ]
    paths = [str(path) for path in (checkout / "src", checkout) if path.is_dir()]
    # Plugins are loaded by name only: finding them costs seconds, and what is installed here by chance
    # is no part of a component's tests.
    settings = {"PYTHONPATH": ":".join(paths), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = clean_environment(home, {**settings, **(env or {})})
    ended = run(argv, cwd=checkout, env=environment, seconds=seconds)
    if not ended.in_time:
        return broken(f"the tests in {folder} did not end within {seconds:.0f} s", ended)
    if ended.code < 0:
        return broken(f"the tests in {folder} ended by signal {-ended.code}", ended)
    if ended.code not in _RAN:
        raise Garbled(f"pytest ended with {ended.code}: {ended.end}")
    ran = read_junit(report)
    if ended.code != 0 and not ran.failures and ran.counts.total:
        return broken(f"pytest ended with {ended.code} without naming a failure", ended)
    return replace(ran, seconds=ended.seconds)
