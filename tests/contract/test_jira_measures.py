"""Value points, work, test cases and incidents as Jira tells them, of both editions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.jira_measures import JiraMeasures
from hummingbird.core.metric import Rates
from hummingbird.core.story import story_key
from sandbox_world import SandboxWorld

RATES = Rates()
LONG_AGO = datetime.now(UTC).date() - timedelta(days=90)


@pytest.fixture(scope="module", params=["datacenter", "cloud"])
def measures(request: pytest.FixtureRequest, sandbox: SandboxWorld) -> JiraMeasures:
    url = sandbox.seeded("jira").url("jira")
    if request.param == "cloud":
        token = sandbox.secret("jira.cloud.platform")
        return JiraCloudTracker(url, "platform@hummingbird.example", token)
    return JiraTracker(url, "platform", sandbox.secret("jira.platform"))


def test_a_story_s_worth_work_and_cases(measures: JiraMeasures) -> None:
    seen = measures.story_measures(story_key("HB-101"), RATES)
    assert seen is not None
    assert (seen.value, seen.worked_seconds, seen.cases, seen.automated) == (8, 14 * 3600, 3, 2)


def test_a_story_without_points_has_none_and_not_zero(measures: JiraMeasures) -> None:
    seen = measures.story_measures(story_key("HB-104"), RATES)
    assert seen is not None
    assert (seen.value, seen.worked_seconds, seen.cases) == (None, 0, 0)
    assert measures.story_measures(story_key("HB-998"), RATES) is None


def test_an_incident_with_its_component_cause_and_end(measures: JiraMeasures) -> None:
    (incident,) = [one for one in measures.incidents(RATES, LONG_AGO) if one.incident == "OPS-8"]
    assert (incident.component, incident.caused_by) == ("order-gateway", "HB-104")
    assert incident.resolved_at is not None
    assert incident.resolved_at >= incident.began_at
    assert measures.incidents(RATES, LONG_AGO + timedelta(days=99)) == []
