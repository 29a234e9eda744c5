"""The provider's Jira hook, taught what it does not read: time-outs and the platform's tracker on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.atlassian.jira.hooks.jira import JiraHook
from airflow.sdk import Connection

from hummingbird.orchestration.address import address

if TYPE_CHECKING:
    from hummingbird.clients.jira import JiraTracker


class DeliveryJiraHook(JiraHook):
    """Jira Data Center v2 by connection: the provider's connection type, our bounded client."""

    def tracker(self) -> JiraTracker:
        """The tracker the paths use; host is the full URL, login and password are basic auth."""
        from hummingbird.clients.jira import JiraTracker

        connection = Connection.get(self.jira_conn_id)
        return JiraTracker(address(connection), connection.login or "", connection.password or "")
