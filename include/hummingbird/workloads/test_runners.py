"""Which runner a folder's tests are for: the languages of the component, and the files that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid
from hummingbird.workloads.junit import TestRun, together
from hummingbird.workloads.node_tests import node_test_files, run_node_tests
from hummingbird.workloads.python_tests import run_pytest


def run_tests(
    component: Component,
    checkout: Path,
    folder: str,
    scratch: Path,
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    pytest_options: Sequence[str] = (),
) -> TestRun:
    """The folder's tests by pytest where the component has Python, by Node where it has JavaScript.

    A suite in a folder below keeps its tests for itself: unit tests at a repository's root are not also
    those that ask a running program.

    Raises Invalid when the folder is missing or outside of the checkout.
    """
    place = (checkout / folder).resolve()
    if not place.is_relative_to(checkout.resolve()) or not place.exists():
        raise Invalid(f"the commit has no folder {folder} with tests; the catalogue names it")
    below = _suites_below(component, checkout.resolve(), place)
    runs = []
    node_files = node_test_files(place) if "javascript" in component.languages else []
    node_files = [file for file in node_files if not any(file.is_relative_to(each) for each in below)]
    if node_files:
        runs.append(
            run_node_tests(checkout.resolve(), node_files, scratch, seconds=seconds, env=env),
        )
    # pytest also where nothing is to be found: it is the one that says so.
    if "python" in component.languages or not node_files:
        options = [*pytest_options, *(f"--ignore={each}" for each in below)]
        runs.append(run_pytest(checkout, folder, scratch, seconds=seconds, env=env, options=options))
    return together(runs)


def _suites_below(component: Component, checkout: Path, place: Path) -> list[Path]:
    folders = ((checkout / suite.path).resolve() for suite in component.suites.values())
    return sorted({each for each in folders if each != place and each.is_relative_to(place)})
