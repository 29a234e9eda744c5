"""A story: why a change exists."""

from __future__ import annotations

import re
from typing import NewType

from hummingbird.core.errors import Invalid
from hummingbird.core.record import Record

StoryKey = NewType("StoryKey", str)
"""A validated Jira issue key such as `HB-101`; made by `story_key` only."""

STORY_PATTERN = r"^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}$"
_MENTION = re.compile(r"(?<![A-Za-z0-9-])([A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8})(?![A-Za-z0-9])")


def story_key(text: object) -> StoryKey:
    """The key, exactly as given; raises Invalid for anything that is not one (also with white space)."""
    if not isinstance(text, str) or not re.fullmatch(STORY_PATTERN.strip("^$"), text, re.ASCII):
        shown = ascii(text)[:60]
        raise Invalid(
            f"story: {shown} is not a Jira key like HB-101; enter the key of the story, nothing else"
        )
    return StoryKey(text)


def mentioned_stories(text: str) -> list[StoryKey]:
    """The story keys in a commit message or branch name, in order, each once."""
    return [StoryKey(key) for key in dict.fromkeys(_MENTION.findall(text))]


class Story(Record):
    """A story as Jira told it when it was read."""

    key: StoryKey
    project: str
    title: str
    status: str
    closed: bool
    url: str
    reporter: str | None = None
    assignee: str | None = None
