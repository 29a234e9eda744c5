"""Jira Data Center, REST v2, through atlassian-python-api; its session is ours, so errors are too."""

from __future__ import annotations

from typing import Any

from atlassian.jira import Jira
from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.http import fitting
from hummingbird.clients.jira_issues import FIELDS, JiraIssues, on_session
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic, sendable
from hummingbird.core.errors import Garbled
from hummingbird.core.story import StoryKey


class _Comment(BaseModel):
    body: str


class _Comments(BaseModel):
    comments: list[_Comment]
    total: int


_COMMENTS: TypeAdapter[_Comments] = TypeAdapter(_Comments)


class JiraTracker(JiraIssues):
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
        super().__init__(url, verify=verify, limits=limits, retrying=retrying)
        self._jira = on_session(Jira, self._url, self._session)
        if user:
            self._session.auth = basic(user, password)
        else:
            self._session.headers["Authorization"] = f"Bearer {sendable(password)}"

    def _find_issue(self, key: StoryKey) -> Any:
        return self._jira.get_issue(key, fields=FIELDS, update_history=False)

    def _comments(self, key: StoryKey) -> list[str]:
        with self._session.about(f"comments of story {key}"):
            found = self._jira.issue_get_comments(key)
        read = fitting(_COMMENTS, found, f"Jira: comments of story {key}")
        if read.total != len(read.comments):
            raise Garbled(f"Jira: comments of story {key}: expected {read.total}, found {len(read.comments)}")
        return [comment.body for comment in read.comments]

    def _add_comment(self, key: StoryKey, marker: str, text: str) -> None:
        body = text if marker in text else f"{text}\n\n{{color:#97a0af}}{marker}{{color}}"
        self._jira.issue_add_comment(key, body)

    def _put_link(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        self._jira.create_or_update_issue_remote_links(key, url, title, global_id=identity)

    def _find_transitions(self, key: StoryKey) -> Any:
        return self._jira.get_issue_transitions_full(key)

    def _go(self, key: StoryKey, transition: str) -> None:
        self._jira.set_issue_status_by_transition_id(key, transition)
