"""What the platform does with stories, the same for every edition of Jira; an edition adds its own calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from atlassian.rest_client import AtlassianRestAPI
from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from hummingbird.clients.http import base_address, fitting
from hummingbird.clients.read_back import or_read_back
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import Session
from hummingbird.core.emergency import TrackerIssue
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.story import Story, StoryKey, story_key

FIELDS = "summary,status,project,reporter,assignee"


class _Category(BaseModel):
    key: str


class _Status(BaseModel):
    name: str
    category: _Category = Field(alias="statusCategory")


class _Project(BaseModel):
    key: str


class _User(BaseModel):
    account: str = Field(validation_alias=AliasChoices("accountId", "name"))
    """Cloud's account id; Data Center's user name."""


class _Fields(BaseModel):
    summary: str
    status: _Status
    project: _Project
    reporter: _User | None = None
    assignee: _User | None = None


class _Issue(BaseModel):
    key: str
    fields: _Fields


class _Target(BaseModel):
    name: str


class _Transition(BaseModel):
    id: str
    name: str
    to: _Target


class _Transitions(BaseModel):
    transitions: list[_Transition]


class _Named(BaseModel):
    name: str


class _TypedFields(BaseModel):
    summary: str
    status: _Status
    issuetype: _Named


class _TypedIssue(BaseModel):
    key: str
    fields: _TypedFields


_TYPED: TypeAdapter[_TypedIssue] = TypeAdapter(_TypedIssue)
_ISSUE: TypeAdapter[_Issue] = TypeAdapter(_Issue)
_TRANSITIONS: TypeAdapter[_Transitions] = TypeAdapter(_Transitions)


class JiraIssues(ABC):
    """Fulfils ports.Tracker over one edition's calls; the vendor's library works through our session."""

    def __init__(
        self,
        url: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self._url = base_address("Jira", url)
        self._session = Session("Jira", self._url, verify=verify, limits=limits, retrying=retrying)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def story(self, key: StoryKey) -> Story:
        """The story; NotFound when the tracker does not know it, or has moved it to another key."""
        issue = self._issue(key)
        fields = issue.fields
        if issue.key != key:
            raise NotFound(f"Jira: story {key}: found {issue.key}; the story was moved, use its new key")
        return Story(
            key=story_key(issue.key),
            project=fields.project.key,
            title=fields.summary,
            status=fields.status.name,
            closed=fields.status.category.key == "done",
            url=f"{self._url}/browse/{key}",
            reporter=fields.reporter.account if fields.reporter else None,
            assignee=fields.assignee.account if fields.assignee else None,
        )

    def issue(self, key: StoryKey) -> TrackerIssue:
        """An issue of any type; NotFound when the tracker does not know it, or has moved it elsewhere."""
        with self._session.about(f"issue {key}"):
            found = self._find_issue(key, "summary,status,issuetype")
        issue = fitting(_TYPED, found, f"Jira: issue {key}")
        if issue.key != key:
            raise NotFound(f"Jira: issue {key}: found {issue.key}; the issue was moved, use its new key")
        return TrackerIssue(
            key=key,
            title=issue.fields.summary,
            type=issue.fields.issuetype.name,
            status=issue.fields.status.name,
            closed=issue.fields.status.category.key == "done",
            url=f"{self._url}/browse/{key}",
        )

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        """Leave a comment carrying `marker`, unless one with that marker is there; never sent twice."""

        def there() -> bool | None:
            return any(marker in comment for comment in self._comments(key)) or None

        def add() -> bool:
            with self._session.about(f"comment on story {key}"):
                self._add_comment(key, marker, text)
            return True

        if not there():
            or_read_back(add, there)

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        """Create or update the remote link with that identity (Jira's globalId)."""
        with self._session.about(f"link {identity} of story {key}", again=True):
            self._put_link(key, identity, url, title)

    def move_to(self, key: StoryKey, status: str) -> None:
        """Bring the story to a status; nothing when it is there; Conflict when no transition leads there."""
        present = self._issue(key).fields.status.name
        if present.casefold() == status.casefold():
            return
        subject = f"story {key}"
        with self._session.about(subject):
            found = self._find_transitions(key)
        offered = fitting(_TRANSITIONS, found, f"Jira: transitions of {subject}").transitions
        way = next((each for each in offered if each.to.name.casefold() == status.casefold()), None)
        if way is None:
            ways = ", ".join(sorted({each.to.name for each in offered})) or "nowhere"
            raise Conflict(
                f"Jira: {subject}: expected a transition from {present} to {status}, found ways to {ways}; "
                "move the story by hand or mend the workflow"
            )
        target = way.id

        def move() -> bool:
            with self._session.about(f"moving {subject} to {status}"):
                self._go(key, target)
            return True

        def moved() -> bool | None:
            return self._issue(key).fields.status.name.casefold() == status.casefold() or None

        or_read_back(move, moved)

    def _issue(self, key: StoryKey) -> _Issue:
        with self._session.about(f"story {key}"):
            found = self._find_issue(key)
        return fitting(_ISSUE, found, f"Jira: story {key}")

    @abstractmethod
    def _find_issue(self, key: StoryKey, fields: str = FIELDS) -> Any:
        """The issue with these fields, as the edition answers it."""

    @abstractmethod
    def _comments(self, key: StoryKey) -> list[str]:
        """The text of every comment, all pages of them."""

    @abstractmethod
    def _add_comment(self, key: StoryKey, marker: str, text: str) -> None:
        """Write a comment that shows the marker in small print when the text does not hold it."""

    @abstractmethod
    def _put_link(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        """Create the remote link, or replace the one with that globalId."""

    @abstractmethod
    def _find_transitions(self, key: StoryKey) -> Any:
        """The transitions that are open, as the edition answers them."""

    @abstractmethod
    def _go(self, key: StoryKey, transition: str) -> None:
        """Make a transition."""


def on_session(library: type[AtlassianRestAPI], url: str, session: Session) -> Any:
    """The vendor library's client on our session; it repeats nothing itself."""
    return library(url, session=session, retry_with_header=False)
