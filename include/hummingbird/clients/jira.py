"""Jira Data Center, REST v2, through atlassian-python-api; its session is ours, so errors are too."""

from __future__ import annotations

from atlassian.jira import Jira
from pydantic import BaseModel, Field, TypeAdapter

from hummingbird.clients.http import base_address, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import Session, basic, sendable
from hummingbird.core.errors import Conflict, Garbled, NotFound
from hummingbird.core.story import Story, StoryKey, story_key

_FIELDS = "summary,status,project,reporter,assignee"


class _Category(BaseModel):
    key: str


class _Status(BaseModel):
    name: str
    category: _Category = Field(alias="statusCategory")


class _Project(BaseModel):
    key: str


class _User(BaseModel):
    name: str


class _Fields(BaseModel):
    summary: str
    status: _Status
    project: _Project
    reporter: _User | None = None
    assignee: _User | None = None


class _Issue(BaseModel):
    key: str
    fields: _Fields


class _Comment(BaseModel):
    body: str


class _Comments(BaseModel):
    comments: list[_Comment]
    total: int


class _Target(BaseModel):
    name: str


class _Transition(BaseModel):
    id: str
    name: str
    to: _Target


class _Transitions(BaseModel):
    transitions: list[_Transition]


_ISSUE: TypeAdapter[_Issue] = TypeAdapter(_Issue)
_COMMENTS: TypeAdapter[_Comments] = TypeAdapter(_Comments)
_TRANSITIONS: TypeAdapter[_Transitions] = TypeAdapter(_Transitions)


class JiraTracker:
    """Fulfils ports.Tracker; without a user the password is sent as a personal access token."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self._url = base_address("Jira", url)
        self._session = Session("Jira", self._url, verify=verify, limits=limits, retrying=retrying)
        self._jira = Jira(self._url, session=self._session, retry_with_header=False)
        if user:
            self._session.auth = basic(user, password)
        else:
            self._session.headers["Authorization"] = f"Bearer {sendable(password)}"

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
            reporter=fields.reporter.name if fields.reporter else None,
            assignee=fields.assignee.name if fields.assignee else None,
        )

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        """Leave a comment carrying `marker`, unless one with that marker is there.

        A comment whose answer is lost is not sent again here: the caller's retry reads first.
        """
        if any(marker in comment.body for comment in self._comments(key)):
            return
        body = text if marker in text else f"{text}\n\n{{color:#97a0af}}{marker}{{color}}"
        with self._session.about(f"comment on story {key}"):
            self._jira.issue_add_comment(key, body)

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        """Create or update the remote link with that identity (Jira's globalId)."""
        with self._session.about(f"link {identity} of story {key}", again=True):
            self._jira.create_or_update_issue_remote_links(key, url, title, global_id=identity)

    def move_to(self, key: StoryKey, status: str) -> None:
        """Bring the story to a status; nothing when it is there; Conflict when no transition leads there."""
        present = self._issue(key).fields.status.name
        if present.casefold() == status.casefold():
            return
        subject = f"story {key}"
        with self._session.about(subject):
            found = self._jira.get_issue_transitions_full(key)
        offered = fitting(_TRANSITIONS, found, f"Jira: transitions of {subject}").transitions
        way = next((each for each in offered if each.to.name.casefold() == status.casefold()), None)
        if way is None:
            ways = ", ".join(sorted({each.to.name for each in offered})) or "nowhere"
            raise Conflict(
                f"Jira: {subject}: expected a transition from {present} to {status}, found ways to {ways}; "
                "move the story by hand or mend the workflow"
            )
        with self._session.about(f"moving {subject} to {status}"):
            self._jira.set_issue_status_by_transition_id(key, way.id)

    def _issue(self, key: StoryKey) -> _Issue:
        with self._session.about(f"story {key}"):
            found = self._jira.get_issue(key, fields=_FIELDS, update_history=False)
        return fitting(_ISSUE, found, f"Jira: story {key}")

    def _comments(self, key: StoryKey) -> list[_Comment]:
        with self._session.about(f"comments of story {key}"):
            found = self._jira.issue_get_comments(key)
        read = fitting(_COMMENTS, found, f"Jira: comments of story {key}")
        if read.total != len(read.comments):
            raise Garbled(f"Jira: comments of story {key}: expected {read.total}, found {len(read.comments)}")
        return read.comments
