"""What developers do for each story, as data: `commits_for(key)` and the next story after the known ones."""

from __future__ import annotations

from pathlib import Path

from sandbox.seed.stories.instrument import listing_work, next_story
from sandbox.seed.stories.read import read_mend, read_work
from sandbox.seed.stories.work import StoryWork

_HERE = Path(__file__).parent
WRITTEN = tuple(sorted(path.stem for path in _HERE.glob("*.yaml")))
"""Keys of the stories whose work is written down here; any other story lists one more security."""


def commits_for(story: str, title: str = "") -> StoryWork:
    """The developer's work for a story; `title` as Jira has it is needed for those not written down.

    Raises LookupError for a story whose title names no security to list.
    """
    if story in WRITTEN:
        return read_work(story, _HERE / f"{story}.yaml")
    return listing_work(story, title)


def mend_for(story: str) -> StoryWork:
    """What the developer does after this story's version failed; LookupError when it is a good one."""
    if story not in WRITTEN:
        raise LookupError(f"{story} needs no mending")
    return read_mend(story, _HERE / f"{story}.yaml")


__all__ = ["WRITTEN", "StoryWork", "commits_for", "mend_for", "next_story"]
