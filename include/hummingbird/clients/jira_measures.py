"""What figures need of Jira: a story's value points, work and test cases; incidents and what caused them."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from hummingbird.clients.http import fitting
from hummingbird.clients.jira_issues import JiraIssues
from hummingbird.core.errors import Garbled, NotFound
from hummingbird.core.metric import Rates
from hummingbird.core.observation import IncidentObserved, StoryObserved
from hummingbird.core.story import StoryKey, story_key


class _Named(BaseModel):
    name: str


class _LinkedFields(BaseModel):
    issuetype: _Named


class _Linked(BaseModel):
    key: str
    fields: _LinkedFields


class _Link(BaseModel):
    inwardIssue: _Linked | None = None  # noqa: N815 - Jira's name
    outwardIssue: _Linked | None = None  # noqa: N815

    @property
    def other(self) -> _Linked | None:
        return self.inwardIssue or self.outwardIssue


class _Fields(BaseModel):
    timespent: int | None = None
    labels: list[str] = []
    components: list[_Named] = []
    issuelinks: list[_Link] = []
    created: AwareDatetime | None = None
    resolutiondate: AwareDatetime | None = None


class _Issue(BaseModel):
    key: str
    fields: _Fields


_ISSUE: TypeAdapter[_Issue] = TypeAdapter(_Issue)
_ISSUES: TypeAdapter[list[_Issue]] = TypeAdapter(list[_Issue])
_VALUE: TypeAdapter[float | None] = TypeAdapter(float | None)


class JiraMeasures(JiraIssues):
    """Fulfils ports.Measures."""

    _jira: Any

    def story_measures(self, key: StoryKey, rates: Rates) -> StoryObserved | None:
        """What the tracker knows of a story's worth, work and cases; None where the story is gone."""
        subject = f"measures of story {key}"
        try:
            found = self._fields_of(key, f"timespent,issuelinks,{rates.value_field}")
        except NotFound:
            return None
        issue = fitting(_ISSUE, found, f"Jira: {subject}")
        worth = fitting(
            _VALUE, found["fields"].get(rates.value_field), f"Jira: {subject}: {rates.value_field}"
        )
        cases = _linked(issue, rates.case_type)
        automated = [case for case in cases if rates.automated_label in self._labels(case)]
        return StoryObserved(
            story=key,
            value=worth,
            worked_seconds=float(issue.fields.timespent or 0),
            cases=len(cases),
            automated=len(automated),
        )

    def incidents(self, rates: Rates, since: date) -> list[IncidentObserved]:
        """Every incident that was changed since a day."""
        query = f'issuetype = "{rates.incident_type}" AND updated >= "{since.isoformat()}" ORDER BY key'
        with self._session.about("incidents"):
            found = self._search(query, "created,resolutiondate,components,issuelinks")
        issues = fitting(_ISSUES, found, "Jira: incidents")
        return [_incident(issue, rates) for issue in issues]

    def _labels(self, key: str) -> list[str]:
        return fitting(_ISSUE, self._fields_of(key, "labels"), f"Jira: labels of case {key}").fields.labels

    def _fields_of(self, key: str, fields: str) -> Any:
        with self._session.about(f"measures of {key}"):
            return self._jira.get_issue(key, fields=fields)

    @abstractmethod
    def _search(self, query: str, fields: str) -> list[Any]:
        """All issues that a query finds, all pages of them."""


def _linked(issue: _Issue, kind: str) -> list[str]:
    others = [link.other for link in issue.fields.issuelinks]
    return sorted({other.key for other in others if other and other.fields.issuetype.name == kind})


def _incident(issue: _Issue, rates: Rates) -> IncidentObserved:
    if issue.fields.created is None:
        raise Garbled(f"Jira: incident {issue.key}: expected the moment it was created, found none")
    causes = sorted(
        other.key
        for link in issue.fields.issuelinks
        if (other := link.other) and other.fields.issuetype.name not in (rates.incident_type, rates.case_type)
    )
    return IncidentObserved(
        incident=story_key(issue.key),
        component=issue.fields.components[0].name if issue.fields.components else None,
        caused_by=story_key(causes[0]) if causes else None,
        began_at=issue.fields.created,
        resolved_at=issue.fields.resolutiondate,
    )
