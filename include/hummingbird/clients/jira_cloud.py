"""Jira Cloud, REST v3, through atlassian-python-api: account ids for user names, documents for wiki text.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/. Accounts sign in by e-mail address and token.
"""

from __future__ import annotations

from typing import Any

from atlassian.jira import JiraCloud
from pydantic import BaseModel, Field, TypeAdapter

from hummingbird.clients.adf import document, words
from hummingbird.clients.http import fitting
from hummingbird.clients.jira_issues import FIELDS, on_session
from hummingbird.clients.jira_measures import JiraMeasures
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic, sendable
from hummingbird.core.errors import Garbled, Invalid
from hummingbird.core.story import StoryKey

_PAGE = 100


class _Comment(BaseModel):
    body: dict[str, Any] | None = None


class _Comments(BaseModel):
    comments: list[_Comment]
    total: int


class _Found(BaseModel):
    issues: list[Any]
    next_page_token: str | None = Field(None, alias="nextPageToken")


_FOUND: TypeAdapter[_Found] = TypeAdapter(_Found)
_COMMENTS: TypeAdapter[_Comments] = TypeAdapter(_Comments)


class JiraCloudTracker(JiraMeasures):
    """Fulfils ports.Tracker and ports.Measures; a story's reporter and assignee are account ids."""

    def __init__(
        self,
        url: str,
        email: str,
        token: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        super().__init__(url, verify=verify, limits=limits, retrying=retrying)
        if "@" not in email:
            raise Invalid(
                "Jira Cloud: the connection's login must be the account's e-mail address, and its password "
                "an API token of that account"
            )
        self._jira = on_session(JiraCloud, self._url, self._session)
        self._session.auth = basic(email, sendable(token))

    def _find_issue(self, key: StoryKey, fields: str = FIELDS) -> Any:
        return self._jira.get_issue(key, fields=fields)

    def _comments(self, key: StoryKey) -> list[str]:
        found: list[str] = []
        while True:
            with self._session.about(f"comments of story {key}"):
                answer = self._jira.get_comments(
                    key, start_at=len(found), max_results=_PAGE, order_by="created"
                )
            page = fitting(_COMMENTS, answer, f"Jira: comments of story {key}")
            found += [words(comment.body) for comment in page.comments]
            if len(found) >= page.total:
                return found
            if not page.comments:
                raise Garbled(f"Jira: comments of story {key}: expected {page.total}, found {len(found)}")

    def _add_comment(self, key: StoryKey, marker: str, text: str) -> None:
        small_print = "" if marker in text else marker
        self._jira.add_comment(key, data={"body": document(text, small_print)})

    def _put_link(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        link = {"globalId": identity, "object": {"url": url, "title": title}}
        self._jira.create_or_update_remote_issue_link(key, data=link)

    def _find_transitions(self, key: StoryKey) -> Any:
        return self._jira.get_transitions(key)

    def _go(self, key: StoryKey, transition: str) -> None:
        self._jira.do_transition(key, data={"transition": {"id": transition}})

    def _search(self, query: str, fields: str) -> list[Any]:
        found: list[Any] = []
        token: str | None = None
        while True:
            answer = self._jira.enhanced_jql(
                query, fields=fields.split(","), nextPageToken=token, limit=_PAGE
            )
            page = fitting(_FOUND, answer, "Jira: search")
            found += page.issues
            token = page.next_page_token
            if token is None:
                return found
