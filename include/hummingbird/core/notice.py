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

    @property
    def key(self) -> str:
        """The same message a second time is none."""
        named = f":{self.to[0]}" if self.way is Way.MAIL else ""
        return f"notice:{self.occasion.value}:{self.request}:{self.way.value}{named}"
