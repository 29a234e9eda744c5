"""Which edition of Jira a connection speaks to."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import Connection

from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.core.errors import Invalid
from hummingbird.orchestration.jira import DeliveryJiraHook


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch):
    """A hook on a connection with this login and these extras."""

    def hook(login: str, **extra: str) -> DeliveryJiraHook:
        connection = Connection(
            conn_id="jira_default",
            conn_type="jira",
            host="https://jira.example",
            login=login,
            password="secret",
            extra=json.dumps(extra),
        )
        monkeypatch.setattr(Connection, "get", lambda _: connection)
        made = DeliveryJiraHook.__new__(DeliveryJiraHook)  # the provider's constructor connects
        made.jira_conn_id = "jira_default"
        return made

    return hook


def test_a_connection_is_data_center_unless_it_says_cloud(connected) -> None:
    assert isinstance(connected("platform").tracker(), JiraTracker)
    assert isinstance(connected("platform", api="datacenter").tracker(), JiraTracker)
    assert isinstance(connected("hb@example.com", api="cloud").tracker(), JiraCloudTracker)


def test_another_api_is_refused_by_name(connected) -> None:
    with pytest.raises(Invalid, match="'v3' must be 'datacenter' or 'cloud'"):
        connected("platform", api="v3").tracker()
