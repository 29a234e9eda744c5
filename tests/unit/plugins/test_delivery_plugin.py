"""The plugin as every process of Airflow loads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
LOAD = """
import json, sys
import airflow.plugins_manager
before = set(sys.modules)
import delivery_plugin as plugin
print(json.dumps({
    "imported": sorted(set(sys.modules) - before),
    "views": plugin.DeliveryPlugin.external_views,
    "apps": [{**each, "app": type(each["app"]).__name__} for each in plugin.DeliveryPlugin.fastapi_apps],
}))
"""


def load(base_url: str, folder: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API__BASE_URL": base_url,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "include"), str(ROOT / "plugins")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_loading_imports_no_page_and_the_pages_stand_below_airflow_s_own_path(tmp_path: Path) -> None:
    plugin = load("https://delivery.example/airflow", tmp_path)
    for heavy in (
        "fastapi",
        "pygal",
        "sqlalchemy.orm",
        "hummingbird.cockpit.app",
        "hummingbird.catalogue.load",
    ):
        assert heavy not in plugin["imported"], heavy
    assert plugin["apps"] == [{"name": "delivery", "url_prefix": "/delivery", "app": "Door"}]
    entries = {each["name"]: each for each in plugin["views"]}
    for name, route in (("Stories", "stories"), ("Metrics", "metrics")):
        assert entries[name]["href"] == f"/airflow/delivery/{route}"
        assert entries[name]["url_route"] == route
        for sign in ("icon", "icon_dark_mode"):
            file = entries[name][sign].removeprefix("/airflow/delivery/")
            assert (ROOT / "include/hummingbird/cockpit" / file).is_file()
