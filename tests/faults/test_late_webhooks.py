"""F13: a webhook that comes late speaks of a state that is over; the door asks GitLab for the present one."""

from __future__ import annotations

import gitlab

from builders import the_catalogue
from hummingbird.clients.gitlab import GitLab
from hummingbird.clients.jira import JiraTracker
from hummingbird.core.plan import Plan
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.admit_change import Change, admit_change

PROJECT = "trading/order-gateway"


def _commit(developer: gitlab.Gitlab, branch: str, content: str, start: str | None = None) -> str:
    action = {"action": "update" if start is None else "create", "file_path": "late.txt", "content": content}
    document = {"branch": branch, "commit_message": "HB-101 late", "actions": [action]}
    if start is not None:
        document["start_branch"] = start
    return str(developer.projects.get(PROJECT).commits.create(document).id)


def test_an_older_commit_of_a_branch_is_its_own_scan_and_a_deleted_branch_is_none(
    code: GitLab, jira: JiraTracker, developer: gitlab.Gitlab
) -> None:
    branch = "feature/HB-101-late"
    old = _commit(developer, branch, "1", start="develop")
    new = _commit(developer, branch, "2")

    def door(commit: str) -> Plan | Refusal:
        asked = Request(dag_id="scan", run_id="r1", story="HB-101", requester=None)
        change = Change(component="order-gateway", branch=branch, commit=commit, mode="incremental")
        return admit_change(the_catalogue(), jira, code, asked, change)

    for commit in (new, old):
        found = door(commit)
        assert isinstance(found, Plan)
        assert found.components[0].commit == commit
    developer.projects.get(PROJECT).branches.delete(branch)
    late = door(new)
    assert isinstance(late, Refusal)
    assert "has no branch" in late.why
