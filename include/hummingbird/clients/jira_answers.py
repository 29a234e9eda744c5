"""Issues in which people answer: made once, read back with their changelog, the same for every edition."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from hummingbird.clients.http import fitting
from hummingbird.clients.jira_measures import JiraMeasures
from hummingbird.clients.read_back import or_read_back
from hummingbird.core.answer_issue import AnswerIssue, AnswerIssues
from hummingbird.core.story import StoryKey, story_key

_TOLD = frozenset({"summary", "description"})
"""Fields that say what is asked."""


class _User(BaseModel):
    account: str = Field(validation_alias=AliasChoices("accountId", "name"))


class _Item(BaseModel):
    field: str
    to: str | None = Field(None, alias="toString")


class Entry(BaseModel):
    """One entry of a changelog."""

    id: str
    author: _User | None = None
    created: str = ""
    items: list[_Item] = []


class Remark(BaseModel):
    """One comment: who wrote it, and the words."""

    author: _User | None = None
    words: str


class _Fields(BaseModel):
    creator: _User | None = None


class _Issue(BaseModel):
    key: str
    fields: _Fields = _Fields()


_ISSUES: TypeAdapter[list[_Issue]] = TypeAdapter(list[_Issue])
_USER: TypeAdapter[_User] = TypeAdapter(_User)
_MADE: TypeAdapter[_Issue] = TypeAdapter(_Issue)


class JiraAnswers(JiraMeasures):
    """Fulfils the notary's Desk."""

    def question_once(
        self, where: AnswerIssues, label: str, title: str, lines: list[str], accounts: list[str]
    ) -> StoryKey:
        """The key of our issue with that label, else of a new one; lines are shown as they are written.

        An issue that somebody else made does not count, whatever it is labelled.
        """
        query = f'project = "{where.project}" AND labels = "{label}" ORDER BY key'

        def there() -> StoryKey | None:
            with self._session.about(f"issues labelled {label}"):
                found = fitting(_ISSUES, self._search(query, "creator"), f"Jira: issues labelled {label}")
                own = fitting(_USER, self._own_account(), "Jira: the platform's account").account
            mine = (one for one in found if one.fields.creator and one.fields.creator.account == own)
            return next((story_key(one.key) for one in mine), None)

        def make() -> StoryKey:
            fields = {
                "project": {"key": where.project},
                "issuetype": {"name": where.issue_type},
                "summary": title[:250],
                "labels": [label],
            }
            with self._session.about(f"question {label}"):
                made = self._make_issue(fields, lines, accounts)
            return story_key(fitting(_MADE, made, f"Jira: question {label}").key)

        return there() or or_read_back(make, there)

    def look(self, key: StoryKey) -> AnswerIssue:
        """Where the issue stands, who brought it there, who changed its words; NotFound when it is gone."""
        status = self._issue(key).fields.status.name
        with self._session.about(f"changelog of {key}"):
            entries = self._history(key)
        moves = [one for one in entries if any(item.field == "status" for item in one.items)]
        told = [one for one in entries if any(item.field.casefold() in _TOLD for item in one.items)]
        edited = {one.author.account if one.author else "somebody" for one in told}
        last = moves[-1] if moves else None
        if last is None or not any(i.field == "status" and i.to == status for i in last.items):
            return AnswerIssue(key=key, status=status, edited_by=sorted(edited))
        account = last.author.account if last.author else None
        return AnswerIssue(
            key=key,
            status=status,
            entry=last.id,
            account=account,
            at=last.created,
            remark=self._last_remark(key, account),
            edited_by=sorted(edited),
        )

    def answered(self, where: AnswerIssues, since: date) -> list[StoryKey]:
        """Issues that somebody moved to an answer, changed since a day."""
        query = (
            f'project = "{where.project}" AND status in ("{where.approved}", "{where.rejected}") '
            f'AND updated >= "{since.isoformat()}" ORDER BY key'
        )
        with self._session.about("answered questions"):
            found = fitting(_ISSUES, self._search(query, "status"), "Jira: answered questions")
        return [story_key(one.key) for one in found]

    def _last_remark(self, key: StoryKey, account: str | None) -> str:
        with self._session.about(f"comments of {key}"):
            remarks = self._remarks(key)
        mine = [one.words for one in remarks if one.author and one.author.account == account]
        return mine[-1] if mine else ""

    @abstractmethod
    def _own_account(self) -> Any:
        """The account that signs in."""

    @abstractmethod
    def _make_issue(self, fields: dict[str, Any], lines: list[str], accounts: list[str]) -> Any:
        """Create an issue whose description is the lines, then mentions of the accounts."""

    @abstractmethod
    def _history(self, key: StoryKey) -> list[Entry]:
        """The whole changelog, oldest first."""

    @abstractmethod
    def _remarks(self, key: StoryKey) -> list[Remark]:
        """Every comment, oldest first."""
