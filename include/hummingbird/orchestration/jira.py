"""The provider's Jira hook, taught what it does not read: time-outs and the platform's tracker on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.atlassian.jira.hooks.jira import JiraHook
from airflow.sdk import Connection

from hummingbird.core.errors import Invalid
from hummingbird.orchestration.address import address

if TYPE_CHECKING:
    from hummingbird.clients.jira_measures import JiraMeasures


class DeliveryJiraHook(JiraHook):
    """Jira by connection: the provider's connection type, our bounded clients."""

    def tracker(self) -> JiraMeasures:
        """The tracker the paths use: Data Center v2, or Cloud v3 with the extra {"api": "cloud"}.

        Host is the full URL; login and password are a user and password, or an e-mail address and API token.
        """
        from hummingbird.clients.jira import JiraTracker
        from hummingbird.clients.jira_cloud import JiraCloudTracker

        connection = Connection.get(self.jira_conn_id)
        api = connection.extra_dejson.get("api", "datacenter")
        if api not in ("datacenter", "cloud"):
            raise Invalid(
                f"connection {self.jira_conn_id}: extra api: {api!r} must be 'datacenter' or 'cloud'"
            )
        edition = JiraCloudTracker if api == "cloud" else JiraTracker
        return edition(address(connection), connection.login or "", connection.password or "")
