"""A developer's work for one story: what is committed where, in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.seed.stories.edits import Edit


@dataclass(frozen=True)
class Commit:
    """One commit: its message begins with the story's key."""

    message: str
    edits: Sequence[Edit]

    def apply(self, folder: Path) -> None:
        """Make its changes in a checkout; the caller commits them."""
        for edit in self.edits:
            edit.apply(folder)


@dataclass(frozen=True)
class StoryWork:
    """All commits of a story on its feature branch, which starts at develop."""

    key: str
    title: str
    description: str
    branch: str
    commits: Sequence[Commit]
    fails_in: str = ""
    """The environment where the new version never gets ready; empty for a good version."""


def version_in(folder: Path) -> str:
    """The version of a checkout."""
    return (folder / "VERSION").read_text("utf-8").strip()


def release_branch(folder: Path) -> str:
    """The release branch for the version of a checkout."""
    return f"release/{version_in(folder)}"
