"""A component's history before the demo: one commit for 1.0.0, the same on every machine, pushed by git."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sandbox.seed.api import SeedError
from sandbox.seed.catalog import CatalogComponent
from sandbox.seed.people import author

SOURCES = Path(__file__).parent / "components"
WHEN = "2026-11-02T09:30:00+08:00"
TAG = "v1.0.0"


def brings_history(component: str) -> bool:
    """Whether the sources of a component's first version are here; those of an onboarded one are its own."""
    return (SOURCES / component).is_dir()


def push_baseline(component: CatalogComponent, repository_url: str, user: str, token: str) -> str:
    """Push master, develop and the tag of 1.0.0; the commit's SHA."""
    with tempfile.TemporaryDirectory(prefix="baseline-") as scratch:
        checkout = Path(scratch, component.name)
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", "node_modules")
        shutil.copytree(SOURCES / component.name, checkout, ignore=ignored)
        environment = _environment(Path(scratch), user, token)
        _git(checkout, environment, "init", "--quiet", "--initial-branch=master")
        _git(checkout, environment, "add", "--all")
        _git(checkout, environment, "commit", "--quiet", "--message", f"{component.title} 1.0.0：首个版本\n")
        _git(checkout, environment, "branch", "develop")
        _git(checkout, environment, "tag", "--annotate", TAG, "--message", "1.0.0")
        _git(
            checkout, environment, "push", "--quiet", repository_url, "master", "develop", f"refs/tags/{TAG}"
        )
        return _git(checkout, environment, "rev-parse", "HEAD").strip()


def _environment(home: Path, user: str, token: str) -> dict[str, str]:
    account = base64.b64encode(f"{user}:{token}".encode()).decode()
    name, address = author("developer")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
        "GIT_AUTHOR_DATE": WHEN,
        "GIT_COMMITTER_DATE": WHEN,
        # By environment, so that the token shows in no list of processes.
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {account}",
        "GIT_CONFIG_KEY_1": "core.autocrlf",
        "GIT_CONFIG_VALUE_1": "false",
    }


def _git(folder: Path, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise SeedError(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout
