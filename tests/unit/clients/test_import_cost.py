"""A client brings only its own library: a pod that talks to one system does not pay for all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

INCLUDE = Path(__file__).parents[3] / "include"
HEAVY = {"kubernetes", "gitlab", "atlassian", "airflow", "sqlalchemy", "fastapi"}
BRINGS = {
    "airflow": set(),
    "apollo": set(),
    "apollo_config": set(),
    "artifactory": set(),
    "harbor": set(),
    "notary": set(),
    "ticket": set(),
    "pod_state": set(),
    "jira": {"atlassian"},
    "gitlab": {"gitlab"},
    "cluster": {"kubernetes"},
}


@pytest.mark.parametrize("module", BRINGS)
def test_a_client_imports_its_own_library_only(module: str) -> None:
    program = f"import sys, hummingbird.clients.{module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(INCLUDE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert HEAVY & set(done.stdout.split()) == BRINGS[module]
