"""The scheduler starts what the catalogue says, without anybody; edited data counts without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml

from e2e.onebox import OneBox
from long.watch import ENDED, Watch, until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]
EVERY_MINUTE = "* * * * *"
BEGIN_SECONDS, END_SECONDS, READ_SECONDS = 240, 600, 240


@pytest.mark.parametrize("path", ["nightly_regression", "metric_rollup"])
def test_a_path_whose_hour_has_come_starts_by_itself_and_ends_well(box: OneBox, path: str) -> None:
    watch = Watch(box.place)
    try:
        with scheduled(box, watch, path, EVERY_MINUTE):
            run = until(lambda: watch.newest_run(path, "scheduled__%"), f"a run of {path}", BEGIN_SECONDS)
        state = until(lambda: over(watch.state(path, run)), f"the end of {path}/{run}", END_SECONDS)
        note = box.airflow("auditor").get(f"/dags/{path}/dagRuns/{run}")["note"]
        assert (state, note.partition(":")[0]) == ("success", "DONE"), note
    finally:
        watch.close()


def over(state: str | None) -> str | None:
    """The state of a run that has ended."""
    return state if state in ENDED else None


@contextmanager
def scheduled(box: OneBox, watch: Watch, path: str, cron: str) -> Iterator[None]:
    """The platform's own schedule with another hour that Airflow has read; put back at the end."""
    file = box.place.repository / "include" / "catalog" / "schedules.yaml"
    before = file.read_text("utf-8")
    document = yaml.safe_load(before)
    document[path]["cron"] = cron
    known = watch.versions(path)
    file.write_text(yaml.safe_dump(document), "utf-8")
    try:
        until(lambda: watch.versions(path) != known or None, f"{path} read anew", READ_SECONDS)
        yield
    finally:
        file.write_text(before, "utf-8")
