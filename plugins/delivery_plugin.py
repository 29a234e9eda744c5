"""Airflow plugin: what the platform adds to Airflow's own pages. The only Python file of this folder."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from hummingbird.cockpit.door import Door
from hummingbird.cockpit.framing import OwnFramesOnly
from hummingbird.orchestration import waiting_runs
from hummingbird.orchestration.next_look import NextLook
from hummingbird.orchestration.visitors import admit, base_path, ledger_dsn

PREFIX = "/delivery"
"""Where the pages are, below Airflow's own address."""


def _build() -> Any:
    """The pages over the ledger, when somebody comes: to a worker they are nothing, and are not imported."""
    from hummingbird.catalogue.current import CatalogueFolder
    from hummingbird.catalogue.folders import catalogue_folders
    from hummingbird.cockpit.app import create_app
    from hummingbird.cockpit.ledger_reader import LedgerReader

    catalogue = CatalogueFolder(*catalogue_folders(os.environ))
    return create_app(LedgerReader(ledger_dsn()), catalogue.current, admit)


def _page(name: str, route: str) -> dict[str, Any]:
    """An entry of the navigation that shows one of our pages beside it."""
    pages = f"{base_path()}{PREFIX}"
    return {
        "name": name,
        "href": f"{pages}/{route}",
        "destination": "nav",
        "url_route": route,
        "nav_top_level": True,
        "icon": f"{pages}/static/{route}.svg",
        "icon_dark_mode": f"{pages}/static/{route}-dark.svg",
    }


class DeliveryPlugin(AirflowPlugin):
    """The cockpit's pages, the approvals that wait, and a scheduler that looks where work goes on."""

    name = "delivery"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"name": "delivery", "url_prefix": PREFIX, "app": Door(_build)},
    ]
    fastapi_root_middlewares: ClassVar[list[dict[str, Any]]] = [
        {"name": "frames", "middleware": OwnFramesOnly},
        {"name": "next look", "middleware": NextLook},
    ]
    listeners: ClassVar[list[ModuleType]] = [waiting_runs]
    external_views: ClassVar[list[dict[str, Any]]] = [
        _page("Stories", "stories"),
        _page("Metrics", "metrics"),
        {
            "name": "Approvals",
            "href": "/required_actions?response_received=false&dag_display_name_pattern=approval",
            "destination": "nav",
            "url_route": "approvals",
            "category": "browse",
        },
    ]
