"""Notices: who is told what about a question, by which way, once."""

from __future__ import annotations

from enum import StrEnum

from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class Occasion(StrEnum):
    """Why somebody is told."""

    ASKED = "asked"
    REMINDER = "reminder"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVIEW = "review"
    """The glass was broken: somebody must look at it."""
    REVIEW_REMINDER = "review_reminder"
    REVIEW_OVERDUE = "review_overdue"
    REVIEWED = "reviewed"


class Way(StrEnum):
    """How somebody is told."""

    MAIL = "mail"
    CHAT = "chat"
    TRACKER = "tracker"


class Notice(Record):
    """One message; its link leads to a page behind a login and carries no authority."""

    request: str
    occasion: Occasion
    way: Way
    to: list[str]
    """Catalogue persons."""
    story: StoryKey
    subject: str
    text: str
    day: int = 0
    """Which day's alarm it is; an alarm comes again every day."""

    @property
    def key(self) -> str:
        """The same message a second time is none."""
        named = f":{self.to[0]}" if self.way is Way.MAIL else ""
        day = f":{self.day}" if self.day else ""
        return f"notice:{self.occasion.value}:{self.request}:{self.way.value}{named}{day}"
