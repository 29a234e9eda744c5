"""Jira Data Center, REST v2, through atlassian-python-api; its session is ours, so errors are too."""

from __future__ import annotations

import re
from typing import Any

from atlassian.jira import Jira
from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.http import fitting
from hummingbird.clients.jira_answers import Entry, JiraAnswers, Remark
from hummingbird.clients.jira_issues import FIELDS, on_session
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic, sendable
from hummingbird.core.errors import Garbled
from hummingbird.core.story import StoryKey


class _Comment(BaseModel):
    body: str
    author: dict[str, Any] | None = None


class _Changelog(BaseModel):
    histories: list[Entry]
    total: int


class _Changed(BaseModel):
    changelog: _Changelog


class _Comments(BaseModel):
    comments: list[_Comment]
    total: int


class _Found(BaseModel):
    issues: list[Any]
    total: int


_FOUND: TypeAdapter[_Found] = TypeAdapter(_Found)
_PAGE = 100
_COMMENTS: TypeAdapter[_Comments] = TypeAdapter(_Comments)
_CHANGED: TypeAdapter[_Changed] = TypeAdapter(_Changed)
_MARKUP = re.compile(r"([\\{}\[\]()*_+^~|!?#@-])")
"""Signs that wiki text gives a meaning to; a backslash takes it from them."""


def literal(line: str) -> str:
    """A line that wiki text shows as it is."""
    return _MARKUP.sub(r"\\\1", line)


class JiraTracker(JiraAnswers):
    """Fulfils ports.Tracker and ports.Measures; without a user the password is a personal access token."""

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

    def _find_issue(self, key: StoryKey, fields: str = FIELDS) -> Any:
        return self._jira.get_issue(key, fields=fields, update_history=False)

    def _own_account(self) -> Any:
        return self._jira.myself()

    def _make_issue(self, fields: dict[str, Any], lines: list[str], accounts: list[str]) -> Any:
        mentions = " ".join(f"[~{account}]" for account in accounts)
        text = "\n".join([*map(literal, lines), "", mentions])
        return self._jira.create_issue(fields={**fields, "description": text})

    def _history(self, key: StoryKey) -> list[Entry]:
        found = self._jira.get_issue(key, fields="status", expand="changelog", update_history=False)
        changed = fitting(_CHANGED, found, f"Jira: changelog of {key}").changelog
        if changed.total != len(changed.histories):
            told = f"expected {changed.total} entries, found {len(changed.histories)}"
            raise Garbled(f"Jira: changelog of {key}: {told}")
        return changed.histories

    def _remarks(self, key: StoryKey) -> list[Remark]:
        return [
            Remark.model_validate({"author": one.author, "words": one.body}) for one in self._commented(key)
        ]

    def _comments(self, key: StoryKey) -> list[str]:
        return [comment.body for comment in self._commented(key)]

    def _commented(self, key: StoryKey) -> list[_Comment]:
        with self._session.about(f"comments of story {key}"):
            found = self._jira.issue_get_comments(key)
        read = fitting(_COMMENTS, found, f"Jira: comments of story {key}")
        if read.total != len(read.comments):
            raise Garbled(f"Jira: comments of story {key}: expected {read.total}, found {len(read.comments)}")
        return read.comments

    def _add_comment(self, key: StoryKey, marker: str, text: str) -> None:
        body = text if marker in text else f"{text}\n\n{{color:#97a0af}}{marker}{{color}}"
        self._jira.issue_add_comment(key, body)

    def _put_link(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        self._jira.create_or_update_issue_remote_links(key, url, title, global_id=identity)

    def _find_transitions(self, key: StoryKey) -> Any:
        return self._jira.get_issue_transitions_full(key)

    def _go(self, key: StoryKey, transition: str) -> None:
        self._jira.set_issue_status_by_transition_id(key, transition)

    def _search(self, query: str, fields: str) -> list[Any]:
        found: list[Any] = []
        while True:
            page = fitting(
                _FOUND, self._jira.jql(query, fields=fields, start=len(found), limit=_PAGE), "Jira"
            )
            found += page.issues
            if len(found) >= page.total or not page.issues:
                return found
