"""What people note in Jira beside the work itself: value points, hours, test cases, an incident's cause."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from sandbox.jira.workplace import VALUE_FIELD
from sandbox.seed.api import Api

INCIDENT = "OPS-8"
CAUSED_BY = "HB-104"
COMPONENT = "order-gateway"
AUTOMATED = "automated"
HOUR = 3600


@dataclass(frozen=True)
class Case:
    """A test case in the catalogue of the testers, and the story that it is for."""

    key: str
    title: str
    story: str
    automated: bool


CASES = (
    Case("QA-1", "冰山委托：显示数量大于总量被拒", "HB-101", automated=True),
    Case("QA-2", "冰山委托：显示数量为零被拒", "HB-101", automated=True),
    Case("QA-3", "冰山委托：盘中断线后人工核对", "HB-101", automated=False),
    Case("QA-4", "行情快照：收盘价字段", "HB-102", automated=True),
    Case("QA-5", "行情快照：停牌证券", "HB-102", automated=True),
    Case("QA-6", "交易工作台：下单确认", "HB-103", automated=False),
)


@dataclass(frozen=True)
class Worth:
    """A story's value points, and the hours that people worked on it."""

    points: float
    hours: float


WORTH = {
    "HB-101": Worth(8, 14),
    "HB-102": Worth(5, 9.5),
    "HB-103": Worth(3, 6),
}
"""HB-104 has none: not every story was given points."""


def seed_measures(jira: Api) -> None:
    """Add what is missing; what somebody changed stays."""
    for key, worth in WORTH.items():
        path = f"/rest/api/2/issue/{quote(key)}"
        fields = jira.call("GET", f"{path}?fields=timespent,{VALUE_FIELD}").json()["fields"]
        if fields.get(VALUE_FIELD) is None:
            jira.call("PUT", path, {"fields": {VALUE_FIELD: worth.points}})
        if not fields.get("timespent"):
            work = {"timeSpentSeconds": int(worth.hours * HOUR), "comment": "开发与自测"}
            jira.call("POST", f"{path}/worklog", work)
    for case in CASES:
        if case.automated:
            jira.call("PUT", f"/rest/api/2/issue/{quote(case.key)}", {"fields": {"labels": [AUTOMATED]}})
        _link(jira, case.key, case.story)
    component = {"fields": {"components": [{"name": COMPONENT}]}}
    jira.call("PUT", f"/rest/api/2/issue/{quote(INCIDENT)}", component)
    _link(jira, INCIDENT, CAUSED_BY)


def _link(jira: Api, one: str, other: str) -> None:
    fields = jira.call("GET", f"/rest/api/2/issue/{quote(one)}?fields=issuelinks").json()["fields"]
    linked = [
        link[side]["key"]
        for link in fields["issuelinks"]
        for side in ("inwardIssue", "outwardIssue")
        if side in link
    ]
    if other not in linked:
        ends = {"type": {"name": "Relates"}, "inwardIssue": {"key": one}, "outwardIssue": {"key": other}}
        jira.call("POST", "/rest/api/2/issueLink", ends)
