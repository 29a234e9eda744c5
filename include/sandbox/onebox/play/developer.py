"""The developer: a feature branch with the story's work, pushed by git with the developer's own token."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from pathlib import Path

from sandbox.onebox.place import Place
from sandbox.onebox.play.news import Stopped
from sandbox.seed.catalog import read_catalog
from sandbox.seed.people import author
from sandbox.seed.stories import StoryWork

GIT_SECONDS = 120


def push_work(place: Place, work: StoryWork) -> str:
    """Commit a component's work on top of develop and push its feature branch; the commit's id."""
    with tempfile.TemporaryDirectory(prefix="developer-") as scratch:
        environment = _environment(place, Path(scratch))
        checkout = Path(scratch, "work")
        component = read_catalog().component(work.component)
        url = f"{place.world.url('gitlab')}/{component.group}/{component.project}.git"
        _git(Path(scratch), environment, "clone", "--quiet", "--branch", "develop", url, str(checkout))
        _git(checkout, environment, "checkout", "--quiet", "-b", work.branch)
        for commit in work.commits:
            commit.apply(checkout)
            _git(checkout, environment, "add", "--all")
            _git(checkout, environment, "commit", "--quiet", "--message", commit.message)
        _git(checkout, environment, "push", "--quiet", "origin", work.branch)
        return _git(checkout, environment, "rev-parse", "HEAD").strip()


def _environment(place: Place, home: Path) -> dict[str, str]:
    account = base64.b64encode(f"developer:{place.world.secret('gitlab.developer')}".encode()).decode()
    name, address = author("developer")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
        # By environment, so that the token shows in no list of processes.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {account}",
    }


def _git(folder: Path, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=GIT_SECONDS,
    )
    if done.returncode != 0:
        raise Stopped(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout
