"""The repository as its team has it: cloned by git from a path or an address, at a branch, tag or commit."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.onboarding.refusal import CannotJoin

CLONE_SECONDS = 600


@dataclass(frozen=True)
class Source:
    """A clone with its work tree at the commit that joins."""

    folder: Path
    origin: str
    commit: str

    def git(self, *words: str) -> str:
        """git in the clone."""
        return git(self.folder, *words)

    def files(self) -> list[str]:
        """Every file of the commit."""
        listed = self.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.commit)
        return [name for name in listed.split("\0") if name]

    def text(self, name: str) -> str:
        """A file's text; empty when there is none, also where a link leads out of the clone."""
        path = (self.folder / name).resolve()
        here = path.is_relative_to(self.folder.resolve())
        return path.read_text("utf-8", "replace") if here and path.is_file() else ""


def clone(repository: str, ref: str | None, folder: Path) -> Source:
    """Clone with its whole history; CannotJoin says what git said."""
    local = Path(repository).expanduser()
    origin = str(local.resolve()) if local.exists() else repository
    git(folder.parent, "clone", "--quiet", "--no-local", origin, str(folder))
    if git(folder, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise CannotJoin(
            f"{repository} is a shallow clone and lacks its history; run `git fetch --unshallow` in it"
        )
    if ref:
        git(folder, "checkout", "--quiet", "--detach", f"origin/{ref}" if _is_branch(folder, ref) else ref)
    if not _has_commit(folder):
        raise CannotJoin(f"{repository} has no commit; push one first")
    return Source(folder, origin, git(folder, "rev-parse", "HEAD").strip())


def git(folder: Path, *words: str, environment: dict[str, str] | None = None) -> str:
    """git's output; CannotJoin with git's own words when it fails."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", *words],
        cwd=folder,
        env={**os.environ, **quiet, **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=CLONE_SECONDS,
    )
    if done.returncode != 0:
        raise CannotJoin(f"git {words[0]} failed: {' '.join(done.stderr.split())[-400:]}")
    return done.stdout


def _is_branch(folder: Path, ref: str) -> bool:
    return bool(git(folder, "branch", "--remotes", "--list", f"origin/{ref}").strip())


def _has_commit(folder: Path) -> bool:
    return bool(git(folder, "rev-list", "--all", "--max-count=1").strip())
