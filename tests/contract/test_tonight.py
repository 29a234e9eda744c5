"""`hummingbird suites` where no night has run yet: a commit's cases, looked up in the real repository."""

from __future__ import annotations

import pytest

from builders import the_catalogue
from hummingbird.clients.gitlab import GitLab
from hummingbird.core.errors import Denied
from hummingbird.workloads.mounted import GitlabAccess
from hummingbird.workloads.tonight import looking_into
from sandbox_world import SandboxWorld

WEB = the_catalogue().component("trade-web")


@pytest.fixture
def commit(sandbox: SandboxWorld) -> str:
    sandbox.seeded("gitlab")
    host = GitLab(sandbox.url("gitlab"), sandbox.secret("gitlab.platform"))
    found = host.branch(WEB.gitlab_project, "develop").commit
    host.close()
    return found


def test_every_suite_s_cases_are_listed_by_a_person_who_may_only_read(
    sandbox: SandboxWorld, commit: str
) -> None:
    token = sandbox.secret("gitlab.auditor")
    found = looking_into(GitlabAccess(url=sandbox.url("gitlab"), user="auditor", token=token))(WEB, commit)
    assert set(found) == {"nightly-functional", "nightly-api"}
    assert [one for listed in found.values() for one in listed if one.problem] == []
    assert all(len(listed) > 10 for listed in found.values())


def test_without_the_right_to_read_it_is_refused(sandbox: SandboxWorld, commit: str) -> None:
    wrong = GitlabAccess(url=sandbox.url("gitlab"), user="auditor", token="wrong")
    with pytest.raises(Denied):
        looking_into(wrong)(WEB, commit)
