"""The night's queue: each case once, longest first, back when its pod is lost, nothing missing at the end."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from hummingbird.core.event import RecordedEvent
from hummingbird.core.night_queue import DoneCase
from hummingbird.core.regression import CaseOutcome, ExpectedFrom, SelectedCase
from hummingbird.paths.night import stored_in
from unit.notary.delivery_samples import OLD_COMMIT, a_bundle
from unit.notary.nights import RUN, STORED, Night, Pod, a_result, nightly
from unit.notary.scene import READER, Scene

LATER = "nightly_regression/scheduled__2026-11-23T17:30:00+00:00"


@pytest.fixture
def night(scene: Scene) -> Night:
    nightly(scene)
    bundle = a_bundle()
    scene.through_test(bundle)
    return Night(scene, bundle)


def sleep_past_leases(scene: Scene) -> None:
    """As if nobody had been heard of for a lease."""
    with scene.office.writing() as connection:
        connection.execute(
            text("UPDATE ledger.night_case SET lease_until = clock_timestamp() - interval '1 s'")
        )


def work_off(pod: Pod, done: DoneCase | None = None, **outcomes: CaseOutcome) -> list[str]:
    """Take and report until nothing is handed out; the names in order."""
    names = []
    while (taken := pod.take(done)) is not None:
        names.append(taken[1])
        result = a_result(outcomes.get(taken[1], CaseOutcome.PASSED), seconds=len(taken[1]))
        done = DoneCase(number=taken[0], result=result)
    return names


def test_each_case_is_handed_out_once_and_the_night_is_recorded_with_its_totals(night: Night) -> None:
    night.begin("a", "bb", "ccc")
    first, second = night.pod(0), night.pod(1)
    taken = [first.take(), second.take(), night.pod(2).take()]
    assert sorted(str(one and one[1]) for one in taken) == ["a", "bb", "ccc"]
    assert not night.scene.client.post("/nights/next", json={}, headers={}).is_success
    for pod, one in zip((first, second), taken, strict=False):
        assert one is not None
        pod.take(DoneCase(number=one[0], result=a_result()))
    assert night.close().status_code == 409
    sleep_past_leases(night.scene)
    assert len(work_off(second)) == 1
    answer = first.ask()
    assert answer.json()["over"]
    closed = night.close()
    assert closed.status_code == 200, closed.text
    data = closed.json()["event"]["data"]
    assert (data["selected"], data["executed"], data["losses"]) == (3, 3, 1)
    assert data["sentence"] == "3 of 3 passed"
    assert closed.json()["event"]["subject"] == RUN
    again = night.close()
    assert again.json()["sequence"] == closed.json()["sequence"]
    assert stored_in(RecordedEvent.model_validate(again.json())).document() == STORED


def test_the_longest_measured_case_comes_first_and_a_new_one_as_early_as_its_file_s_longest(
    night: Night,
) -> None:
    names = ("f.py::x", "f.py::yyyyyy", "f.py::zzz")
    night.begin(*names)
    assert work_off(night.pod()) == list(names)
    assert night.close().status_code == 200
    later = Night(night.scene, night.bundle, LATER)
    later.begin(*names, "f.py::new", "g.py::new")
    expected = {one.case.name: one.expected for one in later.report().cases}
    assert expected["f.py::yyyyyy"].seconds == 12
    assert expected["f.py::yyyyyy"].source is ExpectedFrom.MEASURED
    assert (expected["f.py::new"].seconds, expected["f.py::new"].source) == (12, ExpectedFrom.FILE)
    assert (expected["g.py::new"].seconds, expected["g.py::new"].source) == (12, ExpectedFrom.SUITE)
    order = ["f.py::yyyyyy", "f.py::new", "g.py::new", "f.py::zzz", "f.py::x"]
    assert work_off(later.pod()) == order


def test_nothing_was_ever_measured_so_the_catalogue_s_guess_stands(night: Night) -> None:
    night.begin("a", "b")
    assert {one.expected.seconds for one in night.report().cases} == {5.0}
    assert {one.expected.source for one in night.report().cases} == {ExpectedFrom.GUESS}


def test_a_lost_answer_asked_for_again_is_the_same_case_and_counts_once(night: Night) -> None:
    night.begin("a", "b")
    pod = night.pod()
    taken = pod.take()
    assert pod.take() == taken
    assert taken is not None
    done = DoneCase(number=taken[0], result=a_result())
    following = pod.take(done)
    assert pod.take(done) == following
    assert following is not None
    assert following[1] != taken[1]
    assert night.report().totals.executed == 1


def test_a_pod_that_is_heard_of_keeps_its_case_and_a_silent_one_loses_it(night: Night) -> None:
    night.begin("a")
    silent, other = night.pod(0), night.pod(1)
    taken = silent.take()
    assert taken is not None
    assert other.take() is None
    assert silent.alive(taken[0])
    sleep_past_leases(night.scene)
    assert other.take() == taken
    assert not silent.alive(taken[0])
    late = silent.ask(DoneCase(number=taken[0], result=a_result(CaseOutcome.FAILED))).json()
    assert (late["accepted"], late["handed"]) == (False, None)
    other.take(DoneCase(number=taken[0], result=a_result()))
    [case] = night.report().cases
    assert case.result is not None
    assert case.result.outcome is CaseOutcome.PASSED
    assert [loss.why for loss in case.losses] == ["its pod was not heard of for 30 s"]


def test_a_replaced_ticket_gives_its_case_back_at_once(night: Night) -> None:
    night.begin("a")
    lost = night.pod(0)
    taken = lost.take()
    again = night.pod(0)
    assert lost.ask().status_code == 401
    assert again.take() == taken
    assert [loss.why for loss in night.report().cases[0].losses] == ["its pod was replaced by another"]


def test_a_result_that_comes_late_counts_while_nobody_else_has_the_case(night: Night) -> None:
    night.begin("a")
    pod = night.pod()
    taken = pod.take()
    assert taken is not None
    sleep_past_leases(night.scene)
    answer = pod.ask(DoneCase(number=taken[0], result=a_result())).json()
    assert (answer["accepted"], answer["over"]) == (True, True)
    assert night.report().cases[0].losses == []


def test_a_case_that_pods_are_lost_with_again_and_again_is_an_error_and_ends_the_night(night: Night) -> None:
    night.begin("killer")
    for _ in range(3):
        assert night.pod().take() is not None
        sleep_past_leases(night.scene)
    assert night.pod().ask().json()["over"]
    [case] = night.report().cases
    assert case.result is not None
    assert case.result.outcome is CaseOutcome.ERROR
    assert "3 pods were lost" in case.result.message
    assert night.close().status_code == 200


def test_many_pods_at_once_never_get_the_same_case(night: Night) -> None:
    names = [f"case-{number}" for number in range(24)]
    night.begin(*names)
    found: list[str] = []
    pods = [night.pod(number) for number in range(4)]
    threads = [threading.Thread(target=lambda pod=pod: found.extend(work_off(pod))) for pod in pods]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == sorted(names)
    assert night.close().json()["event"]["data"]["executed"] == 24


def test_what_could_not_be_collected_is_red_and_handed_to_nobody(night: Night) -> None:
    assert night.admit().status_code == 201
    cases = [SelectedCase(name="a"), SelectedCase(name="b.py", problem="No module named 'x'")]
    assert night.select({"nightly": cases}).status_code == 201
    assert night.open().json()["cases"] == 2
    assert work_off(night.pod()) == ["a"]
    data = night.close().json()["event"]["data"]
    assert data["sentence"] == "1 of 2 passed, 1 error"
    assert [one["case"]["name"] for one in data["newly_failing"]] == ["b.py"]


def test_newly_failing_cases_name_the_bundle_s_stories_and_old_failures_do_not(night: Night) -> None:
    night.begin("old", "new", "flaky")
    work_off(night.pod(), old=CaseOutcome.FAILED)
    first = night.close().json()["event"]["data"]
    assert [one["case"]["name"] for one in first["newly_failing"]] == ["old"]
    later = Night(night.scene, night.bundle, LATER)
    later.begin("old", "new", "flaky")
    work_off(later.pod(), old=CaseOutcome.FAILED, new=CaseOutcome.TIMED_OUT, flaky=CaseOutcome.FLAKY)
    data = later.close().json()["event"]["data"]
    [new] = data["newly_failing"]
    assert (new["case"]["name"], new["stories"], new["outcome"]) == ("new", ["HB-101"], "timed_out")
    assert [one["name"] for one in data["flaky"]] == ["flaky"]
    assert data["sentence"] == "0 of 3 passed, 1 failed, 1 timed out, 1 flaky"
    assert [past.run for past in later.report().trend] == [RUN]
    before = {one.case.name: one.before for one in later.report().cases}
    assert before == {"old": [CaseOutcome.FAILED], "new": [CaseOutcome.PASSED], "flaky": [CaseOutcome.PASSED]}


def test_each_suite_of_a_night_is_recorded_and_changes_no_evidence_that_people_sign(night: Night) -> None:
    scene, bundle = night.scene, night.bundle
    scene.admit("prod_deploy/HB-101.1")
    asked = scene.ask(bundle, "prod", "prod_deploy/HB-101.1").json()
    night.begin("a", "b")
    work_off(night.pod(), a=CaseOutcome.FAILED)
    assert night.close().status_code == 200
    events = scene.get("/events", run=RUN).json()
    suites = [one["event"] for one in events if one["event"]["kind"].startswith("dev.cdevents.testsuiterun")]
    assert [one["subject"] for one in suites] == ["order-gateway/nightly"]
    assert suites[0]["data"]["report"]["counts"] == {"total": 2, "failed": 1, "skipped": 0}
    again = scene.ask(bundle, "prod", "prod_deploy/HB-101.1").json()
    assert again["id"] == asked["id"]
    assert again["request"]["evidence"] == asked["request"]["evidence"]


def test_a_queue_is_not_opened_before_every_component_is_selected_nor_by_another_commit(night: Night) -> None:
    assert night.open().status_code == 404
    night.admit()
    early = night.open()
    assert early.status_code == 409
    assert "no pod has selected the cases of order-gateway" in early.json()["error"]["message"]
    wrong = night.select({"nightly": [SelectedCase(name="a")]}, commit=OLD_COMMIT)
    assert wrong.status_code == 409
    assert "result.commit" in wrong.json()["error"]["message"]


def test_a_plan_that_names_what_does_not_run_there_is_refused(night: Night) -> None:
    component = night.plan.components[0]
    other = a_bundle(OLD_COMMIT, "1.3.0")
    night.scene.seal(other)
    for changed in (
        component.model_copy(update={"commit": OLD_COMMIT}),
        component.model_copy(update={"bundle": other.sha256, "commit": OLD_COMMIT}),
    ):
        told = night.admit(night.plan.model_copy(update={"components": [changed]}))
        assert told.status_code == 422, told.text


def test_only_tasks_open_and_close_and_only_pulling_pods_pull(night: Night) -> None:
    night.begin("a")
    scene = night.scene
    assert scene.post("/nights", {"run": RUN}, READER).status_code == 403
    assert scene.post("/nights/close", {"run": RUN, "stored": {}}, READER).status_code in (403, 422)
    assert scene.post("/nights/next", {"done": None}).status_code == 401
    scan = scene.ticket(scene.scan_job(a_bundle(OLD_COMMIT))).json()["token"]
    refused = Pod(scene, scan).ask()
    assert refused.status_code == 409
    assert "only a regression job pulls cases" in refused.json()["error"]["message"]


def test_a_closed_night_hands_out_nothing_and_takes_nothing(night: Night) -> None:
    night.begin("a")
    pod = night.pod()
    work_off(pod)
    night.close()
    assert pod.ask().status_code == 409
