"""Whoever broke the glass is looked at by somebody else, in time; else it alarms, and the next is refused."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hummingbird.clients.mail import Mail
from hummingbird.core.event import EventKind
from hummingbird.notary.messengers import Messengers
from mail_sink import MailSink, mail_sink
from unit.notary.emergency_world import AGAIN, FOUND, Emergency, message


def test_a_third_person_looks_at_it_and_says_what_was_found(burning: Emergency) -> None:
    identity = burning.break_glass()
    burning.dispatch()
    (asked,) = [one for one in burning.world.airflow.triggered if one["dag_id"] == "emergency_review"]
    assert asked["dag_run_id"] == "HB-101.1__emergency_review"
    conf = burning.world.airflow.runs["emergency_review", asked["dag_run_id"]]["conf"]
    assert conf == {"story": "HB-101", "emergency": identity}
    review = burning.review(identity, "compliance").json()
    assert (review["person"], review["justified"], review["finding"]) == ("compliance", True, FOUND)
    again = burning.review(identity, "stand_in", "Not justified")
    assert again.json() == review, "the first review that counts stands"
    assert len(burning.events(EventKind.EMERGENCY_REVIEWED)) == 1


def test_a_review_that_finds_it_unjustified_is_a_review(burning: Emergency) -> None:
    identity = burning.break_glass()
    assert burning.review(identity, "compliance", "Not justified").json()["justified"] is False
    burning.world.pass_time(timedelta(days=2))
    burning.start(burning.incident(), AGAIN)
    assert burning.ask(AGAIN).status_code == 201


def test_who_had_a_part_or_no_role_does_not_review(burning: Emergency) -> None:
    identity = burning.break_glass()
    told = {
        "release_manager": "was one of those who broke the glass",
        "operations_approver": "was one of those who broke the glass",
        "developer": "developer is its author; somebody else must look at it",
        "auditor": "auditor holds none of compliance, release_approver, operations_approver now",
        "platform": "is no person of the catalogue",
    }
    for user, why in told.items():
        assert why in message(burning.review(identity, user))
    refused = burning.events(EventKind.REVIEW_REFUSED)
    assert [why in one["data"]["why"] for why, one in zip(told.values(), refused, strict=True)] == [True] * 5
    assert burning.events(EventKind.EMERGENCY_REVIEWED) == []


def test_a_review_says_something(burning: Emergency) -> None:
    identity = burning.break_glass()
    told = message(burning.review(identity, "compliance", finding="ok"))
    assert "a review says what was found" in told


def test_a_review_that_was_marked_or_given_elsewhere_is_none(burning: Emergency) -> None:
    identity = burning.break_glass()
    unanswered = burning.review(identity, "compliance", response_received=False)
    assert "marking is not an approval" in message(unanswered)
    elsewhere = burning.review(identity, "compliance", dag_id="approval")
    assert "answers are given in DAG emergency_review, not in approval" in message(elsewhere)
    other = burning.review(identity, "compliance", conf={"emergency": "0" * 32})
    assert "asks about another emergency" in message(other)
    assert burning.review("0" * 32, "compliance").status_code == 404


def test_an_overdue_review_alarms_every_day_until_it_is_done(burning: Emergency) -> None:
    with mail_sink() as sink:
        burning.tell_by(Messengers(mail=_mail(sink), tracker=burning.tracker))
        identity = burning.break_glass()
        burning.world.run_errands()
        assert _subjects(sink)["HB-101 → prod: the glass was broken; please look at it"] == 2
        burning.world.pass_time(timedelta(hours=13))
        burning.world.run_errands()
        assert _subjects(sink)["HB-101 → prod: broken glass still waits for its review"] == 2
        assert burning.events(EventKind.EMERGENCY_OVERDUE) == []
        alarm = "HB-101 → prod: ALARM: the review of broken glass is overdue"
        for day in (1, 2):
            burning.world.pass_time(timedelta(hours=24))
            burning.world.run_errands()
            assert _subjects(sink)[alarm] == 4 * day, "reviewers and the two"
        (overdue,) = burning.events(EventKind.EMERGENCY_OVERDUE)
        assert "Its review was due at" in overdue["data"]["sentence"]
        assert burning.review(identity, "compliance").status_code == 200
        burning.world.pass_time(timedelta(hours=48))
        burning.world.run_errands()
        assert _subjects(sink)[alarm] == 8
        assert _subjects(sink)["HB-101 → prod: broken glass was reviewed"] == 2
    incident = burning.events(EventKind.EMERGENCY_USED)[0]["data"]["use"]["emergency"]["incident"]
    written = [comment["body"] for comment in burning.jira.issue_get_comments(incident)["comments"]]
    assert sum("ALARM" in body for body in written) == 2
    assert sum("compliance found it justified" in body for body in written) == 1


def test_while_a_review_is_overdue_the_same_component_gets_no_other_glass(burning: Emergency) -> None:
    identity = burning.break_glass()
    burning.start(burning.incident(), AGAIN)
    asked = burning.ask(AGAIN)
    assert asked.status_code == 201, "a review that is not yet due holds nothing up"
    burning.scene.sign(asked.json()["id"], 1, "operations_approver")
    burning.world.pass_time(timedelta(hours=24))
    third = "emergency_deploy/HB-101.3"
    burning.start(burning.incident(), third)
    told = message(burning.ask(third))
    assert "its review was due at" in told
    assert "the glass is not broken again for these components before it is done" in told
    burning.set(calendar="always")
    assert burning.ask("prod_deploy/HB-101.2").status_code == 201, "a normal release is not held up"
    burning.set(calendar="ours")
    assert burning.review(identity, "compliance").status_code == 200
    assert burning.ask(third).status_code == 201


def test_a_glass_that_was_asked_for_and_never_used_needs_no_review(burning: Emergency) -> None:
    burning.start(burning.incident())
    asked = burning.ask().json()["id"]
    burning.scene.sign(asked, 1, "operations_approver", "Reject", reason="等开窗")
    burning.world.pass_time(timedelta(days=2))
    burning.world.run_errands()
    assert burning.events(EventKind.EMERGENCY_USED) == []
    assert burning.review(asked, "compliance").status_code == 404
    burning.start(burning.incident(), AGAIN)
    assert burning.ask(AGAIN).status_code == 201


def _mail(sink: MailSink) -> Mail:
    return Mail("127.0.0.1", sink.port, "hummingbird@firm.example", tls=False)


def _subjects(sink: MailSink) -> Counter[str]:
    return Counter(str(one["Subject"]) for one in sink.messages)
