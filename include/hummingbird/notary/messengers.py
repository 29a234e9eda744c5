"""The ways to people that this installation has: mail server, chat room, issue tracker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from hummingbird.clients.chat import Chat
from hummingbird.clients.mail import Mail
from hummingbird.core.answer_issue import AnswerIssue, AnswerIssues
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.notice import Notice, Way
from hummingbird.core.story import StoryKey


class Commenting(Protocol):
    """What is needed of the tracker."""

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        """Leave a comment that carries the marker, unless it is there."""


class Desk(Protocol):
    """What is needed of a tracker in which people answer."""

    def question_once(
        self, where: AnswerIssues, label: str, title: str, lines: list[str], accounts: list[str]
    ) -> StoryKey:
        """The key of our issue with that label, else of a new one; lines are shown as they are written."""

    def look(self, key: StoryKey) -> AnswerIssue:
        """Where the issue stands and who brought it there; NotFound when it is gone."""

    def answered(self, where: AnswerIssues, since: date) -> list[StoryKey]:
        """Issues that somebody moved to an answer, changed since a day."""

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        """Leave a comment that carries the marker, unless it is there."""

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        """Create or update the remote link with that identity."""

    def move_to(self, key: StoryKey, status: str) -> None:
        """Bring an issue to a status; Conflict when no transition leads there."""


@dataclass(frozen=True)
class Messengers:
    """Every way that is set up; none of them has to be."""

    mail: Mail | None = None
    chat: Chat | None = None
    tracker: Commenting | None = None
    desk: Desk | None = None
    """The tracker, where people answer there."""
    desk_url: str = ""
    """Where people open an issue of it."""
    hook_secret: str = field(default="", repr=False)
    """What the tracker signs its webhooks with; empty: it sends none."""

    @property
    def ways(self) -> list[Way]:
        """Those that can be used."""
        present = {Way.MAIL: self.mail, Way.CHAT: self.chat, Way.TRACKER: self.tracker}
        return [way for way, messenger in present.items() if messenger is not None]

    def deliver(self, catalogue: Catalogue, notice: Notice) -> None:
        """Hand one notice over; Invalid when its way has been taken away since."""
        people = [catalogue.persons[name] for name in notice.to if name in catalogue.persons]
        if notice.way is Way.MAIL and self.mail is not None:
            for address in (person.email for person in people if person.email):
                self.mail.send(address, notice.subject, notice.text, notice.key.replace(":", "."))
        elif notice.way is Way.CHAT and self.chat is not None:
            names = ", ".join(person.title for person in people)
            self.chat.say(f"{notice.subject} ({names})\n{notice.text}")
        elif notice.way is Way.TRACKER and self.tracker is not None:
            mentions = " ".join(f"[~{person.jira}]" for person in people if person.jira)
            day = f":{notice.day}" if notice.day else ""
            marker = f"hummingbird:{notice.occasion.value}:{notice.request}{day}"
            self.tracker.comment_once(notice.story, marker, f"{mentions} {notice.subject}\n{notice.text}")
        else:
            raise Invalid(f"no {notice.way.value} is set up any more")
