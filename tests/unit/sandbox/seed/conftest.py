"""A checkout of the component, and a way to run its tools in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.seed.baseline import SOURCES

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def component(request: pytest.FixtureRequest) -> str:
    """Whose checkout it is: order-gateway's unless a test is parametrised otherwise."""
    return str(getattr(request, "param", "order-gateway"))


@pytest.fixture
def checkout(tmp_path: Path, component: str) -> Path:
    target = tmp_path / component
    shutil.copytree(SOURCES / component, target, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    return target


@pytest.fixture
def run(checkout: Path) -> Run:
    """Run a command in the checkout as a pipeline's job would: few variables, tools on PATH."""

    def runs(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        variables = {
            "PATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(checkout.parent),
            **environment,
        }
        return subprocess.run(
            words, cwd=checkout, env=variables, check=False, capture_output=True, text=True, timeout=120
        )

    return runs
