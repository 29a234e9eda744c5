"""Jira Cloud, REST v3, through atlassian-python-api: account ids for user names, documents for wiki text.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/. Accounts sign in by e-mail address and token.
"""

from __future__ import annotations

from typing import Any

from atlassian.jira import JiraCloud
from pydantic import BaseModel, Field, TypeAdapter

from hummingbird.clients.adf import document, literal, words
from hummingbird.clients.http import fitting
from hummingbird.clients.jira_answers import Entry, JiraAnswers, Remark
from hummingbird.clients.jira_issues import FIELDS, on_session
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic, sendable
from hummingbird.core.errors import Garbled, Invalid
from hummingbird.core.story import StoryKey

_PAGE = 100


class _Comment(BaseModel):
    body: dict[str, Any] | None = None
    author: dict[str, Any] | None = None


class _Changes(BaseModel):
    values: list[Entry]
    total: int


class _Comments(BaseModel):
    comments: list[_Comment]
    total: int


class _Found(BaseModel):
    issues: list[Any]
    next_page_token: str | None = Field(None, alias="nextPageToken")


_FOUND: TypeAdapter[_Found] = TypeAdapter(_Found)
_COMMENTS: TypeAdapter[_Comments] = TypeAdapter(_Comments)
_CHANGES: TypeAdapter[_Changes] = TypeAdapter(_Changes)


class JiraCloudTracker(JiraAnswers):
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

    def _own_account(self) -> Any:
        return self._jira.get_current_user()

    def _make_issue(self, fields: dict[str, Any], lines: list[str], accounts: list[str]) -> Any:
        return self._jira.create_issue(data={"fields": {**fields, "description": literal(lines, accounts)}})

    def _history(self, key: StoryKey) -> list[Entry]:
        found: list[Entry] = []
        while True:
            answer = self._jira.get_change_logs(key, start_at=len(found), max_results=_PAGE)
            page = fitting(_CHANGES, answer, f"Jira: changelog of {key}")
            found += page.values
            if len(found) >= page.total:
                return found
            if not page.values:
                raise Garbled(f"Jira: changelog of {key}: expected {page.total} entries, found {len(found)}")

    def _remarks(self, key: StoryKey) -> list[Remark]:
        return [
            Remark.model_validate({"author": one.author, "words": words(one.body)})
            for one in self._commented(key)
        ]

    def _comments(self, key: StoryKey) -> list[str]:
        return [words(comment.body) for comment in self._commented(key)]

    def _commented(self, key: StoryKey) -> list[_Comment]:
        found: list[_Comment] = []
        while True:
            with self._session.about(f"comments of story {key}"):
                answer = self._jira.get_comments(
                    key, start_at=len(found), max_results=_PAGE, order_by="created"
                )
            page = fitting(_COMMENTS, answer, f"Jira: comments of story {key}")
            found += page.comments
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
