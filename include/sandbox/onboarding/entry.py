"""The catalogue entry of what joined, in this platform's own catalogue folder, never in the clone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.onboarding.delivery import ENVIRONMENTS, FOLDER, SUITE
from sandbox.onboarding.program import Program
from sandbox.onboarding.trial import Served

FIRST_PORT = 8100
FILE = "components.yaml"
_ABOUT = "# What joined on this machine. The same entries, by merge request, make it permanent.\n"


def entry_of(name: str, title: str, program: Program, served: Served, port: int) -> dict[str, Any]:
    """The component as the catalogue has it."""
    resources = {"replicas": 1, "cpu": "100m", "memory": "512Mi"}
    entry: dict[str, Any] = {
        "title": title,
        "jira_project": "HB",
        "gitlab_project": f"trading/{name}",
        "languages": program.languages,
        "image_repository": name,
        "package_folder": name,
        "apollo": {"app": name},
        "configuration": {one: f"{FOLDER}/config/{one}.properties" for one in ENVIRONMENTS},
        "unit_tests": program.unit_tests,
        "suites": {"functional": {"path": SUITE, "timeout_seconds": 120}},
        "workload": {
            "port": port,
            "readiness": served.path,
            "liveness": served.path,
            "smoke": served.path,
            "startup_seconds": max(60, int(served.seconds * 6)),
            "environments": {one: dict(resources) for one in ENVIRONMENTS},
        },
    }
    if program.unit_test_command:
        entry["unit_test_command"] = program.unit_test_command
    return entry


def entries(folder: Path) -> dict[str, Any]:
    """What the folder's file holds; nothing where there is none."""
    path = folder / FILE
    return dict(yaml.safe_load(path.read_text("utf-8")) or {}) if path.exists() else {}


def free_port(folders: list[Path], name: str) -> int:
    """A port that no other component of the catalogue names; the component's own when it has one."""
    known = {key: entry for folder in folders for key, entry in entries(folder).items()}
    if name in known:
        return int(known[name]["workload"]["port"])
    taken = {int(entry["workload"]["port"]) for entry in known.values()}
    return next(port for port in range(FIRST_PORT, 65536) if port not in taken)


def write_entry(folder: Path, name: str, entry: dict[str, Any]) -> None:
    """Add or replace the entry at once: a reader sees the file before or after, never between."""
    known = {**entries(folder), name: entry}
    text = _ABOUT + yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=100)
    draft = folder / f".{FILE}.new"
    draft.write_text(text, "utf-8")
    draft.replace(folder / FILE)
