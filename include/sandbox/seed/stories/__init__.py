"""What developers do for each story, as data: `commits_for(key)` and the next story after the known ones."""

from __future__ import annotations

from pathlib import Path

from sandbox.seed.stories.instrument import NewStory, listing_works, next_story
from sandbox.seed.stories.read import read_mistake, read_works
from sandbox.seed.stories.work import Mistake, StoryWork

_HERE = Path(__file__).parent
WRITTEN = tuple(sorted(path.stem for path in _HERE.glob("*.yaml")))
"""Keys of the stories whose work is written down here; any other story lists one more security."""
MISTAKES = tuple(sorted(path.stem for path in (_HERE / "faults").glob("*.yaml")))
"""What may be wrong in production only: a version crashes, is never ready, fails its smoke request."""


def commits_for(story: str, title: str = "", fail: str | None = None) -> list[StoryWork]:
    """The developer's work for a story, one a component; with one of MISTAKES in it when `fail` names it.

    `title` as Jira has it is needed for stories that are not written down. Raises LookupError for a story
    whose title names no security to list, and for a mistake that is not known.
    """
    works = _works(story, title)
    if not fail:
        return works
    mistake = _mistake(fail)
    _place_of(mistake, works)
    return [mistake.made_in(work) if work.component == mistake.component else work for work in works]


def mend_for(story: str, fail: str, title: str = "") -> StoryWork:
    """What the developer does after the story's version failed by this mistake."""
    mistake = _mistake(fail)
    return mistake.mended(_place_of(mistake, _works(story, title)))


def _works(story: str, title: str) -> list[StoryWork]:
    if story in WRITTEN:
        return read_works(story, _HERE / f"{story}.yaml")
    return listing_works(story, title)


def _mistake(name: str) -> Mistake:
    if name not in MISTAKES:
        raise LookupError(f"no mistake is called {name}; there are {', '.join(MISTAKES)}")
    return read_mistake(name, _HERE / "faults" / f"{name}.yaml")


def _place_of(mistake: Mistake, works: list[StoryWork]) -> StoryWork:
    for work in works:
        if work.component == mistake.component:
            return work
    raise LookupError(f"{works[0].key} does not touch {mistake.component}, where {mistake.name} is made")


__all__ = ["MISTAKES", "WRITTEN", "NewStory", "StoryWork", "commits_for", "mend_for", "next_story"]
