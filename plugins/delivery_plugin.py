"""Airflow plugin: what the platform adds to Airflow's own pages. The only Python file of this folder."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin


class DeliveryPlugin(AirflowPlugin):
    """One entry in the navigation: the approvals that wait for people, and nothing else that is parked."""

    name = "delivery"
    external_views: ClassVar[list[dict[str, str]]] = [
        {
            "name": "Approvals",
            "href": "/required_actions?response_received=false&dag_display_name_pattern=approval",
            "destination": "nav",
            "url_route": "approvals",
            "category": "browse",
        }
    ]
