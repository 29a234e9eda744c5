"""F27: the DAG file is changed while a run waits for people; the ledger decides, not the order of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checker.verdict import Verdict
from e2e.onebox import OneBox
from long.delivery import Delivery
from long.people import Signing, develop, start
from long.points import POINTS
from long.watch import ENDED, Watch, until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]

NUMBER = 90
END_SECONDS, READ_SECONDS = 600, 240
PROMOTION = "        >> steps.promote()\n"


def test_a_run_that_waits_meets_a_new_dag_without_its_promotion_and_is_refused(
    box: OneBox, tmp_path: Path
) -> None:
    delivery = Delivery(box, develop(box, NUMBER))
    watch, story = delivery.watch, delivery.story
    run = f"{story}.1__test_deploy"
    try:
        start(box, "test_deploy", run, story)
        until(
            lambda: POINTS["parked"].reached(watch, "test_deploy", run) or None, f"{run} parked", END_SECONDS
        )
        with changed(box, watch, "test_deploy", PROMOTION, ""), Signing(box, story):
            state = ended(watch, run)
            note = box.airflow("auditor").get(f"/dags/test_deploy/dagRuns/{run}")["note"]
        assert (state, note.partition(":")[0]) == ("failed", "REFUSED"), note
        assert "promoted" in note, note
        assert_clean(delivery.judged(tmp_path))
        again = f"{story}.2__test_deploy"
        with Signing(box, story):
            start(box, "test_deploy", again, story)
            assert ended(watch, again) == "success"
        assert_clean(delivery.judged(tmp_path))
    except Exception:
        print(delivery.told(), flush=True)
        raise
    finally:
        watch.close()


def ended(watch: Watch, run: str) -> str:
    """How a run ended."""

    def look() -> str | None:
        state = watch.state("test_deploy", run)
        return state if state in ENDED else None

    return until(look, f"the end of {run}", END_SECONDS)


def assert_clean(verdict: Verdict) -> None:
    """Nothing is wrong."""
    assert verdict.clean, str(verdict)


@contextmanager
def changed(box: OneBox, watch: Watch, dag: str, old: str, new: str) -> Iterator[None]:
    """The platform's DAG file with a change that Airflow has read; put back, and read again, at the end."""
    file = box.place.repository / "dags" / f"{dag}.py"
    before = file.read_text("utf-8")
    assert before.count(old) == 1, f"{old!r} stands in {file} {before.count(old)} times"
    _write(watch, dag, file, before.replace(old, new))
    try:
        yield
    finally:
        _write(watch, dag, file, before)


def _write(watch: Watch, dag: str, file: Path, text: str) -> None:
    known = watch.versions(dag)
    file.write_text(text, "utf-8")
    until(lambda: watch.versions(dag) != known or None, f"{dag} read anew", READ_SECONDS)
