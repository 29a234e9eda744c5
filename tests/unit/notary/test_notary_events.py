"""What tasks may write, and what comes of it."""

from __future__ import annotations

import base64
import copy
import json

import pytest

from hummingbird.core.artifact import Build
from hummingbird.core.event import TASK_KINDS, EventKind
from hummingbird.notary.dsse import pre_authentication, sealed
from hummingbird.notary.provenance import PAYLOAD_TYPE, doubt_of, sign_statement, verifies
from hummingbird.notary.signing import make_key
from unit.notary.delivery_samples import COMMIT, a_bundle, a_story, digest
from unit.notary.scene import Scene


def an_event(kind: EventKind = EventKind.RUN_FINISHED, **fields: object) -> dict[str, object]:
    values: dict[str, object] = {
        "kind": kind.value,
        "key": "run-finished:scan/HB-101.1",
        "subject": "scan/HB-101.1",
        "story": "HB-101",
        "run": "scan/HB-101.1",
        "actor": "platform",
        "data": {"outcome": "DONE"},
    }
    return values | fields


def test_an_event_is_recorded_once(scene: Scene) -> None:
    first = scene.post("/events", an_event())
    again = scene.post("/events", an_event())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    context = first.json()["envelope"]["context"]
    assert context["specversion"] == "0.5.1"
    assert context["chainId"] == "HB-101"
    other = scene.post("/events", an_event(actor="somebody"))
    assert (other.status_code, other.json()["error"]["kind"]) == (409, "Conflict")


def test_the_same_effect_told_by_another_run_is_the_first_event(scene: Scene) -> None:
    first = scene.post("/events", an_event(EventKind.RELEASE_TAGGED))
    second = scene.post("/events", an_event(EventKind.RELEASE_TAGGED, run="prod_deploy/HB-101.2"))
    assert second.status_code == 200
    assert second.json() == first.json()


@pytest.mark.parametrize("kind", sorted(set(EventKind) - TASK_KINDS))
def test_a_task_may_not_write_what_is_not_its_own(scene: Scene, kind: EventKind) -> None:
    answer = scene.post("/events", an_event(kind))
    assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "Denied")
    assert scene.kinds() == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"story": "hb-1"}, "not a Jira key"),
        ({"kind": "dev.example.nothing"}, "body.kind"),
        ({"colour": "red"}, "body.colour"),
        ({"actor": "job:1"}, "event.actor"),
        ({"kind": EventKind.BUNDLE_SEALED.value}, "POST /bundles"),
        ({"kind": EventKind.RUN_ADMITTED.value, "data": {}}, "event.data"),
        ({"kind": EventKind.BUILD_FINISHED.value, "data": {"build": {"component": "x"}}}, "event.data"),
        ({"data": {"x": "\ud800"}}, ""),
    ],
)
def test_a_malformed_event_is_422_and_named(scene: Scene, fields: dict[str, object], named: str) -> None:
    content = json.dumps(an_event() | fields)
    headers = {"Authorization": "Bearer tasks-token-of-the-tests", "Content-Type": "application/json"}
    answer = scene.client.post("/events", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert named in answer.json()["error"]["message"]
    assert scene.kinds() == []


def test_an_admission_must_be_of_its_own_run_and_story(scene: Scene) -> None:
    scene.admit("scan/HB-101.1")
    recorded = scene.get("/events").json()[0]["event"]
    forged = recorded | {"key": "another", "run": "scan/HB-999.1"}
    assert "is not the plan's scan/HB-101.1" in scene.post("/events", forged).text
    forged = recorded | {"key": "another", "story": "HB-999"}
    assert "is not the plan's HB-101" in scene.post("/events", forged).text


def test_a_build_gets_a_signed_provenance(scene: Scene) -> None:
    assert scene.build(a_bundle()).status_code == 201
    assert scene.build(a_bundle()).status_code == 200
    assert scene.kinds() == ["BUILD_FINISHED", "PROVENANCE_SIGNED"]
    found = scene.get("/builds", component="order-gateway", commit=COMMIT).json()
    assert len(found) == 1
    build, envelope = Build.model_validate(found[0]["build"]), found[0]["envelope"]
    assert verifies(envelope, build, scene.office.key)
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["subject"][0]["digest"]["sha256"] == "a" * 64
    assert statement["predicate"]["buildDefinition"]["externalParameters"]["version"] == "1.4.0"


def test_a_provenance_of_another_key_digest_or_commit_does_not_verify(scene: Scene) -> None:
    scene.build(a_bundle())
    found = scene.get("/builds", component="order-gateway", commit=COMMIT).json()[0]
    build, envelope = Build.model_validate(found["build"]), found["envelope"]
    other = make_key(scene.folder / "other.pem")
    assert not verifies(envelope, build, other)
    image = build.image.model_copy(update={"digest": digest("f")})
    assert not verifies(envelope, build.model_copy(update={"image": image}), scene.office.key)
    assert not verifies(envelope, build.model_copy(update={"commit": "f" * 40}), scene.office.key)
    assert not verifies({}, build, scene.office.key)
    tampered = base64.b64encode(base64.b64decode(envelope["payload"]).replace(b"1.4.0", b"1.4.1")).decode()
    assert not verifies(envelope | {"payload": tampered}, build, scene.office.key)


def test_the_doubt_about_a_provenance_names_what_is_wrong(scene: Scene) -> None:
    scene.build(a_bundle())
    found = scene.get("/builds", component="order-gateway", commit=COMMIT).json()[0]
    build, key = Build.model_validate(found["build"]), scene.office.key
    statement = json.loads(base64.b64decode(found["envelope"]["payload"]))
    assert doubt_of(found["envelope"], build, key) is None
    assert doubt_of({}, build, key) == "is not signed by the key of the builds"
    forged = sign_statement(statement, make_key(scene.folder / "robot.pem"))
    assert doubt_of(forged, build, key) == "is not signed by the key of the builds"
    elsewhere = copy.deepcopy(statement)
    elsewhere["predicate"]["runDetails"]["builder"]["id"] = "https://evil.example/laptop"
    assert doubt_of(sign_statement(elsewhere, key), build, key) == (
        "names another builder, https://evil.example/laptop"
    )
    rebuilt = build.model_copy(update={"image": build.image.model_copy(update={"digest": digest("f")})})
    assert doubt_of(found["envelope"], rebuilt, key) == "is for another digest"
    moved = build.model_copy(update={"commit": "f" * 40})
    assert doubt_of(found["envelope"], moved, key) == f"is for another commit, {COMMIT[:8]}"
    assert doubt_of(sign_statement({"subject": 3}, key), build, key) == "is no provenance of a build"


def test_builds_are_signed_by_a_key_of_their_own_and_older_ledgers_still_count(scene: Scene) -> None:
    scene.build(a_bundle())
    found = scene.get("/builds", component="order-gateway", commit=COMMIT).json()[0]
    build, key = Build.model_validate(found["build"]), scene.office.key
    signed = found["envelope"]["signatures"][0]
    payload = base64.b64decode(found["envelope"]["payload"])
    assert signed["keyid"] == key.for_builds.key_id != key.key_id
    assert not key.verifies(pre_authentication(PAYLOAD_TYPE, payload), signed["sig"])
    before = sealed(PAYLOAD_TYPE, json.loads(payload), key)
    assert doubt_of(before, build, key) is None


def test_a_bundle_is_sealed_once_under_its_own_name(scene: Scene) -> None:
    bundle = a_bundle()
    first = scene.post("/bundles", {"bundle": bundle.document(), "run": "test_deploy/HB-101.1"})
    again = scene.post("/bundles", {"bundle": bundle.document(), "run": "test_deploy/HB-101.2"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"sha256": bundle.sha256}
    assert scene.get(f"/bundles/{bundle.sha256}").json() == bundle.document()
    missing = scene.get(f"/bundles/{'0' * 64}")
    assert (missing.status_code, missing.json()["error"]["kind"]) == (404, "NotFound")


def test_evidence_grows_with_what_is_known_and_never_with_decisions(scene: Scene) -> None:
    run = "test_deploy/HB-101.1"
    scene.admit(run)
    scene.ready(a_bundle())
    sha = a_bundle().sha256

    def evidence(environment: str) -> tuple[str, int]:
        found = scene.get(f"/bundles/{sha}/evidence", environment=environment).json()
        return found["evidence"], len(found["items"])

    before = evidence("test")
    assert before[1] == 3
    approval = scene.approve(a_bundle(), "test", run)
    scene.promote(a_bundle(), "test")
    for_prod = evidence("prod")
    scene.deploy(a_bundle(), "test", run, approval=approval)
    assert evidence("test") == before
    scene.suite(a_bundle(), "test")
    assert evidence("test") == before
    assert evidence("prod")[1] == for_prod[1] + 2
    assert evidence("prod")[0] != for_prod[0]


def test_events_are_asked_for_by_place_kind_and_sequence(scene: Scene) -> None:
    scene.admit("scan/HB-101.1")
    scene.admit("scan/HB-202.1", story=a_story("HB-202"))
    scene.build(a_bundle())
    assert scene.kinds(story="HB-202") == ["RUN_ADMITTED"]
    assert scene.kinds(subject=COMMIT) == ["PROVENANCE_SIGNED"]
    kinds = [EventKind.PROVENANCE_SIGNED.value, EventKind.BUILD_FINISHED.value]
    assert scene.kinds(kind=kinds) == ["BUILD_FINISHED", "PROVENANCE_SIGNED"]
    assert scene.kinds(after=2, limit=1) == ["BUILD_FINISHED"]
    assert scene.get("/events", kind="nonsense").status_code == 422


def test_a_verdict_is_recorded_once_however_often_it_is_asked(scene: Scene) -> None:
    scene.admit("test_deploy/HB-101.1")
    scene.ready(a_bundle())
    asked = scene.question(a_bundle(), "test", "test_deploy/HB-101.1", stage="ask")
    first, second = scene.post("/verdicts", asked), scene.post("/verdicts", asked)
    assert first.status_code == 200
    assert first.json() == second.json()
    assert scene.kinds(bundle=a_bundle().sha256).count("GATES_DECIDED") == 1
    assert scene.post("/verdicts", asked | {"stage": "later"}).status_code == 422
    assert scene.post("/verdicts", asked | {"environment": "moon"}).status_code == 404
