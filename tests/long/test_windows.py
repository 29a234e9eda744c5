"""Two releases meet a closed window: both wait without holding anything, and go by themselves, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import yaml

from e2e.onebox import OneBox
from long.delivery import Delivery
from long.people import Signing, develop, start
from long.watch import ENDED, Watch, until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]
FIRST_STORY = 60
PARK_SECONDS, END_SECONDS = 300, 600
WAITING, CALLED = "dev.cdeventsx.hummingbird-release.waiting", "dev.cdeventsx.hummingbird-release.called"
WARRANT, FINISHED = "dev.cdeventsx.hummingbird-warrant.issued", "dev.cdevents.pipelinerun.finished"


def test_two_releases_wait_for_the_window_hold_nothing_and_go_in_order_when_it_opens(
    box: OneBox, tmp_path: Path
) -> None:
    first, second = Delivery(box, develop(box, FIRST_STORY)), Delivery(box, develop(box, FIRST_STORY + 1))
    watch = first.watch
    earlier, later = (f"{one.story}.1__prod_deploy" for one in (first, second))
    with first.telling(), second.telling():
        for one in (first, second):
            with Signing(box, one.story):
                brought(box, watch, one.story)
        with frozen(box, "production", "settlement of the day"):
            for one, run_id in ((first, earlier), (second, later)):
                with Signing(box, one.story):
                    start(box, "prod_deploy", run_id, one.story)
                    until(partial(parked, watch, run_id), f"{run_id} waits", PARK_SECONDS)
                note = box.airflow("auditor").get(f"/dags/prod_deploy/dagRuns/{run_id}")["note"]
                assert note.startswith("WAITING: "), note
                assert "settlement of the day" in note, note
                assert not watch.warrants(f"prod_deploy/{run_id}")
            assert [pool["occupied_slots"] for pool in pools(box)] == [0] * len(pools(box))
        for run_id in (earlier, later):
            state = until(partial(over, watch, run_id), f"the end of {run_id}", END_SECONDS)
            note = box.airflow("auditor").get(f"/dags/prod_deploy/dagRuns/{run_id}")["note"]
            assert (state, note.partition(":")[0]) == ("success", "DONE"), note
        ended = watch.places(f"prod_deploy/{earlier}", FINISHED)[-1]
        begun = watch.places(f"prod_deploy/{later}", WARRANT)[0]
        assert ended < begun, "the second release got the environment while the first had it"
        for run_id in (earlier, later):
            assert watch.places(f"prod_deploy/{run_id}", WAITING)
            assert watch.places(f"prod_deploy/{run_id}", CALLED)
        verdict = second.judged(tmp_path)
        assert verdict.clean, str(verdict)


def brought(box: OneBox, watch: Watch, story: str) -> None:
    """The story's release runs in test and passed there."""
    run_id = f"{story}.1__test_deploy"
    start(box, "test_deploy", run_id, story)
    state = until(lambda: over(watch, run_id, "test_deploy"), f"the end of {run_id}", END_SECONDS)
    assert state == "success", f"{run_id} ended {state}"


def over(watch: Watch, run_id: str, path: str = "prod_deploy") -> str | None:
    """The state of a run that has ended."""
    state = watch.state(path, run_id)
    return state if state in ENDED else None


def parked(watch: Watch, run_id: str) -> bool | None:
    """Whether the run waits for turn or window; AssertionError when it ended instead."""
    assert over(watch, run_id) is None, f"{run_id} ended instead of waiting"
    return watch.is_in(run_id, "prod_deploy", "obtain_warrant", "awaiting_input") or None


def pools(box: OneBox) -> list[dict[str, int]]:
    """Airflow's pools as they are now."""
    found: list[dict[str, int]] = box.airflow("administrator").get("/pools")["pools"]
    return found


@contextmanager
def frozen(box: OneBox, calendar: str, reason: str) -> Iterator[None]:
    """The platform's calendar with a freeze in it from an hour ago, for a day; lifted at the end."""
    file = box.place.repository / "include" / "catalog" / "calendars.yaml"
    before = file.read_text("utf-8")
    document = yaml.safe_load(before)
    now = datetime.now(UTC)
    freeze = {
        "reason": reason,
        "begins": (now - timedelta(hours=1)).isoformat(),
        "ends": (now + timedelta(days=1)).isoformat(),
    }
    document[calendar]["freezes"] = [*document[calendar].get("freezes", []), freeze]
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    try:
        yield
    finally:
        file.write_text(before, "utf-8")
