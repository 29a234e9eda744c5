"""A developer's work for one story: what is committed where, in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """All commits of a story in one component's repository, on a feature branch that starts at develop."""

    key: str
    title: str
    description: str
    component: str
    branch: str
    commits: Sequence[Commit]


@dataclass(frozen=True)
class Mistake:
    """A version that works everywhere but in production: commits that make it so, and those that mend it."""

    name: str
    component: str
    commits: Sequence[Commit]
    mend: Sequence[Commit]

    def made_in(self, work: StoryWork) -> StoryWork:
        """The work with the mistake in it, in the same story's words."""
        return replace(work, commits=[*work.commits, *_of_story(work.key, self.commits)])

    def mended(self, work: StoryWork) -> StoryWork:
        """What is done about it, on a branch of its own."""
        commits = _of_story(work.key, self.mend)
        return replace(work, branch=f"feature/{work.key}-mend-{self.name}", commits=commits)


def _of_story(key: str, commits: Sequence[Commit]) -> list[Commit]:
    return [replace(commit, message=f"{key} {commit.message}") for commit in commits]


def version_in(folder: Path) -> str:
    """The version of a checkout."""
    return (folder / "VERSION").read_text("utf-8").strip()


def release_branch(folder: Path) -> str:
    """The release branch for the version of a checkout."""
    return f"release/{version_in(folder)}"
