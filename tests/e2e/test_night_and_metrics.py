"""The scheduled paths, by hand after a delivery: a night's report, and figures that others compute anew."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests

from checker.figures.__main__ import main as check
from e2e.looking import ended
from e2e.onebox import OneBox
from hummingbird.workloads.rolling.trading_days import trading_days
from sandbox.onebox import postgres
from sandbox.onebox.place import REPOSITORY
from sandbox.onebox.platform_environment import trace_environment

pytestmark = [pytest.mark.e2e, pytest.mark.long]
NIGHT_SECONDS = 900
FIGURES = (
    "COPY (SELECT metric, component, period, starts, value, p50, p85, n FROM metrics.figure) "
    "TO STDOUT CSV HEADER"
)
NIGHT = "dev.cdeventsx.hummingbird-regression.finished"


@pytest.fixture(scope="module")
def night(box: OneBox, delivered: str) -> dict[str, Any]:
    """A nightly regression that the release manager started; the run as it ended."""
    return by_hand(box, "nightly_regression")


@pytest.fixture(scope="module")
def rolled_up(box: OneBox, night: dict[str, Any]) -> dict[str, Any]:
    """The metric rollup after it."""
    return by_hand(box, "metric_rollup")


def test_a_night_after_the_demo_is_green_and_proves_that_every_selected_case_ran(
    box: OneBox, night: dict[str, Any], tmp_path: Path
) -> None:
    assert (night["state"], night["note"].partition(":")[0]) == ("success", "DONE"), night["note"]
    (event,) = [one for one in ledger(box, tmp_path) if one["kind"].startswith(NIGHT)]
    told = event["data"]
    assert told["executed"] == told["selected"] >= 60
    assert told["report_url"] in night["note"]
    reader = ("platform", box.place.world.secret("artifactory.platform"))
    page = requests.get(told["report_url"], auth=reader, timeout=30)
    assert page.status_code == 200
    assert hashlib.sha256(page.content).hexdigest() == told["report_sha256"]
    assert "HB-101" in page.text


def test_the_published_figures_are_what_an_independent_script_makes_of_the_exported_ledger(
    box: OneBox, rolled_up: dict[str, Any], tmp_path: Path
) -> None:
    assert (rolled_up["state"], rolled_up["note"].partition(":")[0]) == ("success", "DONE"), rolled_up["note"]
    ledger(box, tmp_path)
    reader = psycopg2.connect(postgres.dsn(box.place, "ledger_reader", "ledger"))
    with (tmp_path / "figures.csv").open("w") as out, reader.cursor() as cursor:
        cursor.copy_expert(FIGURES, out)
    reader.close()
    today = datetime.now(UTC).date()
    days = trading_days(date(today.year, 1, 1), today + timedelta(days=1))
    (tmp_path / "days").write_text("\n".join(str(day) for day, is_open in days.items() if is_open))
    figures = list(csv.DictReader((tmp_path / "figures.csv").read_text("utf-8").splitlines()))
    delivered = [one for one in figures if one["metric"] == "deployment_frequency" and one["period"] == "day"]
    assert {one["component"] for one in delivered} >= {"order-gateway", "quote-service", "trade-web"}
    words = [f"{tmp_path}/ledger.jsonl", f"{tmp_path}/figures.csv", "--trading-days", f"{tmp_path}/days"]
    assert check(words) == 0


def by_hand(box: OneBox, path: str) -> dict[str, Any]:
    """Start a path without a story as the release manager, and wait for its end."""
    run_id = f"by_hand.1__{path}"
    body: dict[str, Any] = {"logical_date": None, "dag_run_id": run_id, "conf": {}}
    box.airflow("release_manager").post(f"/dags/{path}/dagRuns", body)
    return ended(box, path, run_id, NIGHT_SECONDS)


def ledger(box: OneBox, folder: Path) -> list[dict[str, Any]]:
    """Events as an auditor exports them."""
    file = folder / "ledger.jsonl"
    hummingbird(box, "ledger", "export", "--out", str(file))
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [json.loads(row["envelope"])["customData"]["event"] for row in rows if "envelope" in row]


def hummingbird(box: OneBox, *words: str) -> str:
    """A command of the platform, with the ledger's reader; what it printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "hummingbird", *words],
        env={**os.environ, **trace_environment(box.place)},
        cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
