"""The projects, people and workflow of this workplace, as a Jira administrator would have set them up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jira820.config import Config

from sandbox.world import ACCOUNTS


@dataclass(frozen=True)
class Project:
    """A project; `first` is the number of the next issue in an empty one."""

    key: str
    name: str
    identity: str
    first: int


PROJECTS = {
    "HB": Project("HB", "交易系统", "10000", 101),
    "OPS": Project("OPS", "运维", "10001", 7),
    "QA": Project("QA", "测试用例", "10002", 1),
    "APR": Project("APR", "发布审批", "10003", 1),
}

VALUE_FIELD = "customfield_10016"
"""The field with a story's value points."""

ISSUE_TYPES = [
    ["Bug", "1"],
    ["Epic", "2"],
    ["Improvement", "3"],
    ["New Feature", "4"],
    ["Story", "5"],
    ["Task", "6"],
    ["Sub-task", "7"],
    ["Incident", "8"],
    ["Test", "9"],
    ["Approval", "10"],
]

NAMES = {
    "platform": "蜂鸟平台",
    "developer": "陈晨",
    "developer2": "林晓",
    "release_manager": "王磊",
    "test_lead": "赵敏",
    "release_approver": "周航",
    "operations_approver": "孙浩",
    "compliance": "吴桐",
    "operations": "郑凯",
    "auditor": "何静",
    "administrator": "平台管理员",
}

READERS = frozenset({"auditor"})
"""Users without the right to change anything."""

STATUSES = [
    ["To Do", "todo", "10000"],
    ["In Progress", "inprogress", "3"],
    ["In Test", "inprogress", "10100"],
    ["Ready for Release", "inprogress", "10101"],
    ["Done", "done", "10001"],
    ["Closed", "done", "6"],
    ["Waiting", "todo", "10102"],
    ["Approved", "done", "10103"],
    ["Rejected", "done", "10104"],
]

TRANSITIONS = {
    "To Do": ["In Progress", "Closed"],
    "In Progress": ["To Do", "In Test", "Closed"],
    "In Test": ["In Progress", "Ready for Release"],
    "Ready for Release": ["In Progress", "In Test", "Done"],
    "Done": ["In Progress", "Closed"],
    "Closed": [],
    "Waiting": ["Approved", "Rejected", "Closed"],
    "Approved": ["Waiting"],
    "Rejected": ["Waiting"],
}

FIRST_STATUS = {"Approval": "Waiting"}
"""Issue type → where its workflow begins, when that is not the first of all."""

CONDITIONS = {("Approval", "Waiting"): "platform", ("Approval", "Closed"): "platform"}
"""Issue type and status → who alone may go there."""


def users() -> dict[str, dict[str, str]]:
    """Every account as jira820 keeps one."""
    return {name: {"name": name, "displayName": NAMES[name]} for name in ACCOUNTS}


def configuration(state: Path) -> Config:
    """jira820's configuration; nothing is read from the environment."""
    main = PROJECTS["HB"]
    return Config(
        project_key=main.key,
        project_name=main.name,
        persist=str(state),
        statuses=STATUSES,
        transition_scheme=TRANSITIONS,
        transition_screens={name: [] for name, _category, _identity in STATUSES},
        modules=["order-gateway"],
        components_extra=[],
        current_user="",
        sp_field=VALUE_FIELD,
        issue_types=ISSUE_TYPES,
    )
