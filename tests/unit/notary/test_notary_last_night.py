"""What approvers read of the last night of regression, and that it changes nothing that they sign."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.bundle import Bundle
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.append import append, take_pen
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

PROD = "prod_deploy/HB-101.1"
SENTENCE = "204 of 206 passed, 1 flaky, 1 skipped"


@pytest.fixture
def in_test(scene: Scene) -> Scene:
    scene.through_test(a_bundle())
    scene.admit(PROD)
    return scene


def a_night(scene: Scene, bundle: Bundle, run: str = "nightly_regression/a", **changes: Any) -> None:
    """A night that the notary closed; how it does is tests/unit/notary/test_notary_nights.py."""
    component = bundle.components[0]
    tested = {
        "name": component.name,
        "version": component.version,
        "commit": component.commit,
        "bundle": bundle.sha256,
        "stories": list(component.stories),
    }
    told = {"sentence": SENTENCE, "newly_failing": [], "components": [tested], **changes}
    event = DeliveryEvent(
        kind=EventKind.REGRESSION_FINISHED,
        key=f"regression-finished:{run}",
        subject=run,
        environment="test",
        cluster="test",
        run=run,
        actor="notary",
        data=told,
    )
    with scene.office.writer.begin() as connection:
        take_pen(connection)
        append(connection, event)


def brief(scene: Scene, **fields: Any) -> dict[str, Any]:
    asked = scene.ask(a_bundle(), "prod", PROD, **fields)
    assert asked.status_code in (200, 201), asked.text
    found: dict[str, Any] = asked.json()["request"]["brief"]
    return found


def test_a_night_against_the_same_versions_is_part_of_the_risk(in_test: Scene) -> None:
    a_night(in_test, a_bundle())
    told = brief(in_test)
    assert told["risk"].endswith(f"; last night in test: {SENTENCE}")
    assert told["details"][-1].startswith("last night in test, ended 20")
    assert told["details"][-1].endswith(f"UTC, against these versions: {SENTENCE}")


def test_newly_failing_cases_are_counted(in_test: Scene) -> None:
    a_night(in_test, a_bundle(), newly_failing=[{"case": {}}, {"case": {}}])
    assert brief(in_test)["risk"].endswith(f"{SENTENCE}, 2 newly failing")


def test_a_night_against_other_versions_is_a_detail_that_says_so(in_test: Scene) -> None:
    other = a_bundle().components[0].model_copy(update={"commit": "9" * 40})
    a_night(in_test, a_bundle().model_copy(update={"components": [other]}))
    told = brief(in_test)
    assert "last night" not in told["risk"]
    assert "against other versions of order-gateway" in told["details"][-1]


def test_without_a_night_nothing_is_said(in_test: Scene) -> None:
    assert "night" not in str(brief(in_test))


def test_a_later_night_replaces_an_earlier_one(in_test: Scene) -> None:
    a_night(in_test, a_bundle(), sentence="1 of 2 passed, 1 failed")
    a_night(in_test, a_bundle(), run="nightly_regression/b")
    assert brief(in_test)["risk"].endswith(SENTENCE)


def test_a_night_while_people_are_asked_voids_nothing(in_test: Scene) -> None:
    asked = in_test.ask(a_bundle(), "prod", PROD).json()
    a_night(in_test, a_bundle(), newly_failing=[{"case": {}}])
    again = in_test.ask(a_bundle(), "prod", PROD).json()
    assert (again["id"], again["state"]) == (asked["id"], "open")
    for signature in asked["request"]["signatures"]:
        person = in_test.catalogue.holders_of(signature["role"])[0]
        assert in_test.sign(asked["id"], signature["number"], person.airflow).status_code == 200
    in_test.promote(a_bundle(), "prod")
    assert in_test.warrant(a_bundle(), "prod", PROD, approval=asked["id"]).status_code == 201
