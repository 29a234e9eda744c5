"""The checker finds what is wrong: one planted fault after the other, each under its own invariant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checker.ledger import read
from checker.seen import MergeRequest, Run, Seen, Tag, Task
from checker.verdict import judge
from unit.checker.scene import (
    BEGIN,
    BUNDLE,
    COMMIT,
    RUN,
    SCAN,
    STORY,
    a_delivery,
    a_report,
    a_world,
    again,
    chained,
    changed,
    spoilt,
    verdict,
    without,
)


def says(found: Any, invariant: str, words: str) -> None:
    """Only this invariant is wrong, and says so in these words."""
    assert words in "\n".join(found.wrong[invariant]), str(found)
    assert [name for name, wrong in found.wrong.items() if wrong] == [invariant], str(found)


def test_a_clean_delivery_is_clean() -> None:
    found = verdict()
    assert found.clean, str(found)
    assert str(found) == "CLEAN: 17 rows; I1, I2, I3, I4, I5, once hold"


def test_it_shares_no_line_with_the_platform() -> None:
    files = (Path(__file__).parents[2] / "checker").glob("*.py")
    imported = [line for file in files for line in file.read_text("utf-8").splitlines() if "import " in line]
    assert imported
    assert not [line for line in imported if "hummingbird" in line or "sandbox" in line]


class TestI1EveryWebhookLeadsToOneRun:
    def test_a_webhook_whose_run_never_came(self) -> None:
        rows = [row for row in a_delivery() if row["run"] != SCAN]
        seen = changed(runs=a_world().runs[1:])
        says(verdict(rows, seen), "I1", "0 runs of it")

    def test_a_run_that_passed_the_door_twice(self) -> None:
        says(verdict(again("in:scan", "in:scan:again")), "I1", "passed the door 2 times")

    def test_a_run_of_the_ledger_that_airflow_does_not_know(self) -> None:
        seen = changed(runs=tuple(run for run in a_world().runs if run.name != RUN))
        says(verdict(seen=seen), "I1", "is in the ledger and not in Airflow")

    @pytest.mark.parametrize("data", [{"after": "0" * 40}, {"branch": "master"}, {"branch": "developer"}])
    def test_a_deleted_branch_and_one_that_is_not_scanned_ask_for_no_run(self, data: dict[str, str]) -> None:
        rows = [row for row in spoilt("gitlab:1", data=data) if row["run"] != SCAN]
        assert verdict(rows, changed(runs=a_world().runs[1:])).clean


class TestI2EveryChangeRestsOnOneApproval:
    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            (without("consumed"), "consumed 0 times"),
            (again("consumed", "consumed:again"), "consumed 2 times"),
            (without("warrant"), "was issued by no row before"),
            (without("closed"), "is not closed once, as approved"),
            (spoilt("closed", data={"state": "rejected"}), "is not closed once, as approved"),
            (without("answer:2"), "do not pair"),
            (spoilt("consumed", at=(BEGIN + timedelta(hours=9)).isoformat()), "after it had expired"),
        ],
        ids=["never", "twice", "no-warrant", "open", "rejected", "half", "expired"],
    )
    def test_a_change_without_it(self, rows: list[dict[str, Any]], words: str) -> None:
        assert words in "\n".join(verdict(rows).wrong["I2"])

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"person": "wang"}, "approved the own request"),
            ({"person": "zhou"}, "one person signed twice"),
            ({"decision": "rejected"}, "somebody did not approve"),
            ({"answered_at": "2026-11-23T12:00:00+00:00"}, "signed after it had expired"),
        ],
    )
    def test_a_signature_that_does_not_count(self, changes: dict[str, str], words: str) -> None:
        given = {"number": 2, "person": "sun", "decision": "approved", "answered_at": BEGIN.isoformat()}
        says(verdict(spoilt("answer:2", data={"approval": {**given, **changes}})), "I2", words)

    def test_a_warrant_for_something_else(self) -> None:
        rows = spoilt("warrant", data={"warrant": {**_warrant(), "bundle": "0" * 64}})
        told = "\n".join(verdict(rows).wrong["I2"])
        assert "is for something else" in told
        assert "what the notary signed is not the warrant of the ledger" in told
        assert "is about another bundle" in told

    def test_a_warrant_without_approval_where_one_is_needed(self) -> None:
        rows = spoilt("warrant", data={"warrant": {**_warrant(), "approval": None}})
        assert "names no approval" in "\n".join(verdict(rows).wrong["I2"])

    def test_an_approval_that_comes_after_its_use(self) -> None:
        rows = a_delivery()
        closed = next(row for row in rows if row["key"] == "closed")
        rows.remove(closed)
        says(verdict([*rows, closed]), "I2", "in this order")

    def test_an_approval_that_is_used_for_two_rollouts(self) -> None:
        found = verdict(again("job:1", "job:2"))
        assert "was used 2 times in prod-1" in "\n".join(found.wrong["I2"])


class TestI3OneDeploymentAtATime:
    def test_two_that_overlap(self) -> None:
        rows = again("consumed", "consumed:other", run="prod_deploy/HB-8.1__prod_deploy", subject="w2")
        found = verdict(rows)
        assert "while prod_deploy/HB-7.1__prod_deploy was at work" in "\n".join(found.wrong["I3"])

    def test_one_that_never_said_how_it_ended(self) -> None:
        found = verdict(without("job:1"))
        assert "how its deployment in prod-1 did is not told" in "\n".join(found.wrong["I3"])

    def test_two_clusters_of_one_run_may_overlap(self) -> None:
        rows = again("consumed", "consumed:other", cluster="prod-2")
        seen = replace(a_world(), runs=tuple(replace(run, state="running") for run in a_world().runs))
        assert not verdict(rows, seen).wrong["I3"]


class TestI4TheLedgerIsWholeAndTrue:
    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda lines: lines[:4] + lines[5:], "the ledger has a gap"),
            (lambda lines: [line.replace('\\"wang\\"', '\\"zhou\\"') for line in lines], "its hash is not"),
            (lambda lines: [lines[0].replace('"actor": "x"', '"actor": "y"', 1), *lines[1:]], "column actor"),
            (
                lambda lines: [lines[0], chained(a_delivery()[1:])[0].replace(": 1,", ": 2,"), *lines[2:]],
                "follow",
            ),
        ],
        ids=["gap", "content", "column", "fork"],
    )
    def test_a_ledger_that_was_touched(self, spoil: Any, words: str) -> None:
        lines = spoil(chained(a_delivery()))
        events, wrong = read(lines)
        assert len(wrong) == 1
        assert words in wrong[0], wrong
        assert len(events) < len(a_delivery())
        assert not judge(lines, a_world(), ("prod",)).clean

    def test_a_key_that_was_used_twice(self) -> None:
        assert "was used before" in read(chained(again("job:1", "job:1")))[1][0]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"digest": f"sha256:{'0' * 64}"}, "the Deployment sha256:0"),
            ({"pods": (f"sha256:{'0' * 64}",)}, "the pods run"),
            ({"pods": ()}, "the pods run []"),
            ({"ready": 1}, "1 of 2 replicas are ready"),
            ({"revision": 2}, "2 rollouts where the ledger tells of 1"),
        ],
    )
    def test_a_cluster_that_runs_something_else(self, changes: dict[str, Any], words: str) -> None:
        workload = replace(a_world().workloads[0], **changes)
        says(verdict(seen=changed(workloads=(workload,))), "I4", words)

    def test_a_deployment_that_is_not_there_or_that_nobody_told(self) -> None:
        says(verdict(seen=changed(workloads=())), "I4", "there is no Deployment")
        stranger = replace(a_world().workloads[0], name="miner")
        says(verdict(seen=changed(workloads=(*a_world().workloads, stranger))), "I4", "knows nothing of it")

    def test_a_rollback_may_have_cost_two_rollouts_and_not_three(self) -> None:
        back = {
            **next(row for row in a_delivery() if row["key"] == "job:1"),
            "kind": "dev.cdevents.service.rolledback.0.1.0",
            "key": "job:2",
            "data": {"report": {**a_report("rolled_back"), "warrant": "w2"}},
        }
        rows = [*a_delivery()[:-3], back, *a_delivery()[-3:]]
        for revision, right in ((1, True), (3, True), (4, False)):
            workload = replace(a_world().workloads[0], revision=revision)
            assert (not verdict(rows, changed(workloads=(workload,))).wrong["I4"]) is right, revision

    @pytest.mark.parametrize("served", [None, "0" * 64])
    def test_a_registry_that_serves_something_else(self, served: str | None) -> None:
        manifests = dict.fromkeys(a_world().manifests, served)
        says(verdict(seen=changed(manifests=manifests)), "I4", "the registry serves")


class TestI5NoRunIsStuckInSilence:
    def _running(self, *tasks: Task, since: float = 9) -> Seen:
        runs = list(a_world().runs)
        began = BEGIN + timedelta(minutes=10) - timedelta(minutes=since)
        runs[1] = replace(runs[1], state="running", since=began, tasks=tasks)
        runs[2] = replace(runs[2], state="success", note="DONE: x")
        return changed(runs=tuple(runs))

    def _wrong(self, seen: Seen) -> list[str]:
        return [one for one in verdict(seen=seen).wrong["I5"] if one.startswith(RUN)]

    def test_a_run_in_which_nothing_moves(self) -> None:
        (told,) = self._wrong(self._running(Task("promote", "queued")))
        assert "nothing moved since" in told
        assert "promote queued" in told

    def test_a_run_that_moves_or_waits_for_a_person_or_for_a_run_below_it(self) -> None:
        assert not self._wrong(self._running(since=1))
        assert not self._wrong(self._running(Task("await_people", "awaiting_input")))
        seen = self._running(Task("promote", "running"))
        child = Run("promote", f"{RUN.partition('/')[2]}__promote", "running", seen.now)
        assert not self._wrong(replace(seen, runs=(*seen.runs, child)))

    def test_a_run_whose_end_the_ledger_does_not_tell(self) -> None:
        says(verdict(without("out:prod")), "I5", "ended success and the ledger does not say how")

    def test_a_run_that_never_passed_the_door_or_says_nothing(self) -> None:
        stranger = Run("build", "x", "failed", BEGIN)
        says(verdict(seen=changed(runs=(*a_world().runs, stranger))), "I5", "never passed the door")
        silent = tuple(replace(run, note="") for run in a_world().runs)
        says(verdict(seen=changed(runs=silent)), "I5", "does not begin with an outcome")


def test_a_night_has_no_door_and_yet_says_how_it_ended() -> None:
    night = Run("nightly_regression", "scheduled__1", "success", BEGIN)
    says(verdict(seen=changed(runs=(*a_world().runs, night))), "I5", "the ledger does not say how")


class TestOnce:
    def test_a_second_pipeline(self) -> None:
        pipelines = (*a_world().pipelines, ("trading/quotes", COMMIT, 2))
        says(verdict(seen=changed(pipelines=pipelines)), "once", "has 2 pipelines")
        says(verdict(seen=changed(pipelines=())), "once", "pipeline 1 is not in GitLab")
        says(verdict(again("build:1", "build:2")), "once", "was built 2 times")

    def test_a_tag_that_is_missing_or_elsewhere(self) -> None:
        says(verdict(seen=changed(tags=())), "once", "tag trading/quotes@v1.1.0 is on []")
        moved = (Tag("trading/quotes", "v1.1.0", "0" * 40),)
        says(verdict(seen=changed(tags=moved)), "once", "the ledger says c0ffee01")

    def test_a_second_comment_and_a_missing_one(self) -> None:
        said = a_world().comments[STORY]
        says(
            verdict(seen=changed(comments={STORY: (*said, said[0])})),
            "once",
            "2 comments hummingbird:delivered",
        )
        says(verdict(seen=changed(comments={STORY: said[1:]})), "once", "with 0 comments")
        assert BUNDLE[:12] in said[0]

    def test_a_second_note_and_a_second_merge_request(self) -> None:
        request = a_world().merge_requests[0]
        twice = replace(request, notes=request.notes * 2)
        says(verdict(seen=changed(merge_requests=(twice,))), "once", "2 notes hummingbird:scan")
        twin = MergeRequest(request.project, 2, request.source, request.target, request.head)
        says(verdict(seen=changed(merge_requests=(request, twin))), "once", "has 2 merge requests")

    def test_a_second_prompt(self) -> None:
        asked = a_world().runs[2]
        more = replace(asked, tasks=(*asked.tasks, Task("sign[2]", "awaiting_input")))
        says(verdict(seen=changed(runs=(*a_world().runs[:2], more))), "once", "3 prompts for 2 signatures")
        second = replace(asked, id=f"{asked.id}__2")
        says(verdict(seen=changed(runs=(*a_world().runs, second))), "once", "was put to people by")

    def test_a_prompt_that_was_marked_is_put_again(self) -> None:
        asked = a_world().runs[2]
        marked = replace(asked, state="failed", note="REFUSED: marking is not an approval: …")
        second = replace(asked, id=f"{asked.id}__2")
        rows = a_delivery()
        door = next(row for row in rows if row["key"] == "in:prod")
        ended = {**door, "subject": marked.name, "run": marked.name}
        told = [
            {**ended, "key": "in:1"},
            {**ended, "key": "out:1", "kind": "dev.cdevents.pipelinerun.finished.0.3.0"},
        ]
        found = verdict([*rows, *told], changed(runs=(*a_world().runs[:2], marked, second)))
        assert found.clean, str(found)


def _warrant() -> dict[str, Any]:
    row = next(row for row in a_delivery() if row["key"] == "warrant")
    warrant: dict[str, Any] = json.loads(json.dumps(row["data"]["warrant"]))
    return warrant
