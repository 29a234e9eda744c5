"""Envelopes of standard types against the CDEvents schemas.

The schemas at hand are of 0.6.0-draft, the envelopes of 0.5.1: the types used here are the same in both.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.envelope import envelope_of

_BESIDE = Path(__file__).parents[3] / "shared" / "specs"
SPECS = Path(os.environ.get("HUMMINGBIRD_SPECS", _BESIDE)) / "cdevents" / "schemas"
needs_schemas = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the CDEvents schemas are not here; set HUMMINGBIRD_SPECS to their folder"
)

IMAGE = {"repository": "trading-dev/order-gateway", "digest": "sha256:" + "a" * 64}
BUILD = {
    "component": "order-gateway",
    "commit": "a" * 40,
    "image": IMAGE,
    "sbom": {"repository": "reports-local", "path": "order-gateway/1.4.0/sbom.json", "sha256": "0" * 64},
}
DEPLOYED = {"components": [{"name": "order-gateway", "digest": IMAGE["digest"]}]}
SUITE = {"suite": "functional", "counts": {"total": 3, "failed": 1, "skipped": 0}}
STANDARD: dict[EventKind, tuple[str, dict[str, Any]]] = {
    EventKind.RUN_FINISHED: ("pipelinerunfinished", {"outcome": "DONE"}),
    EventKind.BUILD_FINISHED: ("artifactpackaged", {"build": BUILD}),
    EventKind.PROVENANCE_SIGNED: (
        "artifactsigned",
        {"build": BUILD, "envelope": {"signatures": [{"keyid": "k", "sig": "c2ln"}]}},
    ),
    EventKind.ARTIFACTS_PROMOTED: ("artifactpublished", {"images": [IMAGE], "packages": []}),
    EventKind.DEPLOYMENT_FINISHED: ("servicedeployed", {"report": DEPLOYED}),
    EventKind.DEPLOYMENT_ROLLED_BACK: ("servicerolledback", {"report": {"components": []}}),
    EventKind.SUITE_FINISHED: ("testsuiterunfinished", {"report": SUITE}),
    EventKind.STORY_CLOSED: ("ticketclosed", {"resolution": "Done"}),
    EventKind.CHANGE_MERGED: ("changemerged", {"project": "trading/order-gateway", "target": "master"}),
}


def envelope(kind: EventKind, data: dict[str, Any]) -> dict[str, Any]:
    event = DeliveryEvent(
        kind=kind,
        key="a-key",
        subject="HB-101",
        story="HB-101",
        bundle="0" * 64,
        component="order-gateway",
        environment="test",
        cluster="test",
        run="test_deploy/HB-101.1",
        actor="platform",
        data=data,
    )
    return envelope_of(event, 7, datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


def validator(name: str) -> Draft202012Validator:
    resources = []
    for path in SPECS.rglob("*.json"):
        schema = json.loads(path.read_text("utf-8"))
        if "$id" in schema:
            resources.append((schema["$id"], DRAFT202012.create_resource(schema)))
    registry: Registry[Any] = Registry().with_resources(resources)
    schema = json.loads((SPECS / f"{name}.json").read_text("utf-8"))
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


@needs_schemas
@pytest.mark.parametrize("kind", STANDARD)
def test_a_standard_envelope_is_valid(kind: EventKind) -> None:
    name, data = STANDARD[kind]
    validator(name).validate(envelope(kind, data))


@needs_schemas
def test_an_envelope_without_required_content_is_not() -> None:
    broken = envelope(EventKind.DEPLOYMENT_FINISHED, {"report": DEPLOYED})
    del broken["subject"]["content"]["environment"]
    assert not validator("servicedeployed").is_valid(broken)


def test_every_standard_kind_is_checked() -> None:
    assert set(STANDARD) == {kind for kind in EventKind if kind.value.startswith("dev.cdevents.")}


def test_the_envelope_says_version_and_chain() -> None:
    made = envelope(EventKind.STORY_CLOSED, {})
    assert (made["context"]["specversion"], made["context"]["chainId"]) == ("0.5.1", "HB-101")
    assert made["context"]["timestamp"] == "2026-11-22T10:00:00.000000Z"
    assert made["customData"]["sequence"] == 7
    assert made["customDataContentType"] == "application/json"


def test_an_own_kind_carries_its_places() -> None:
    made = envelope(EventKind.WARRANT_ISSUED, {})
    assert made["context"]["type"].startswith("dev.cdeventsx.hummingbird-")
    assert made["subject"]["content"]["environment"] == "test"
