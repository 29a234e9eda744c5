"""The real clients against stand-ins that really run, with waits that are short but real."""

from __future__ import annotations

from collections.abc import Iterator

import gitlab
import pytest

from hummingbird.clients.apollo import Apollo
from hummingbird.clients.artifactory import Artifactory
from hummingbird.clients.gitlab import GitLab
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from sandbox_world import SandboxWorld

LIMITS = Limits(connect=0.5, read=2.0, total=2.0)
RETRYING = Retrying(attempts=3, first=0.05, longest=0.2, longest_asked=3.0, patience=8.0)


@pytest.fixture(scope="session")
def seeded(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("jira", "harbor", "artifactory", "gitlab", "apollo")


@pytest.fixture
def jira(seeded: SandboxWorld) -> Iterator[JiraTracker]:
    password = seeded.secret("jira.platform")
    client = JiraTracker(seeded.url("jira"), "platform", password, limits=LIMITS, retrying=RETRYING)
    yield client
    client.close()


@pytest.fixture
def code(seeded: SandboxWorld) -> Iterator[GitLab]:
    token = seeded.secret("gitlab.platform")
    client = GitLab(seeded.url("gitlab"), token, limits=LIMITS, retrying=RETRYING)
    yield client
    client.close()


@pytest.fixture
def harbor(seeded: SandboxWorld) -> Iterator[Harbor]:
    password = seeded.secret("harbor.platform")
    client = Harbor(seeded.url("harbor"), "platform", password, limits=LIMITS, retrying=RETRYING)
    yield client
    client.close()


@pytest.fixture
def artifactory(seeded: SandboxWorld) -> Iterator[Artifactory]:
    password = seeded.secret("artifactory.platform")
    client = Artifactory(seeded.url("artifactory"), "platform", password, limits=LIMITS, retrying=RETRYING)
    yield client
    client.close()


@pytest.fixture
def apollo(seeded: SandboxWorld) -> Iterator[Apollo]:
    token = seeded.secret("apollo.platform")
    client = Apollo(seeded.url("apollo"), token, "platform", limits=LIMITS, retrying=RETRYING)
    yield client
    client.close()


@pytest.fixture(scope="session")
def developer(seeded: SandboxWorld) -> Iterator[gitlab.Gitlab]:
    api = gitlab.Gitlab(seeded.url("gitlab"), private_token=seeded.secret("gitlab.developer"))
    yield api
    api.session.close()
