"""Subject and content of each kind of event, as the CDEvents schemas require them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hummingbird.core.event import DeliveryEvent, EventKind


def purl(image: dict[str, Any]) -> str:
    """Package URL of an image by digest: https://github.com/package-url/purl-spec (type oci)."""
    repository = str(image.get("repository", ""))
    name = repository.rsplit("/", 1)[-1].lower()
    return f"pkg:oci/{name}@{image.get('digest', '')}?repository_url={repository}"


def subject_id(event: DeliveryEvent) -> str:
    """What the event happened to: an artifact's package URL where there is one, else its own subject."""
    build = event.data.get("build")
    if event.kind in (EventKind.BUILD_FINISHED, EventKind.PROVENANCE_SIGNED) and isinstance(build, dict):
        return purl(build.get("image", {}))
    return event.subject


def content_of(event: DeliveryEvent) -> dict[str, Any]:
    """The content of the subject: the standard's fields for its types, the event's own places for ours."""
    standard = _STANDARD.get(event.kind)
    if standard is not None:
        return standard(event)
    places = {
        "bundle": event.bundle,
        "component": event.component,
        "environment": event.environment,
        "cluster": event.cluster,
        "run": event.run,
    }
    return {name: value for name, value in places.items() if value is not None}


def _packaged(event: DeliveryEvent) -> dict[str, Any]:
    build = event.data.get("build", {})
    content: dict[str, Any] = {"change": {"id": build.get("commit", event.subject)}}
    sbom = build.get("sbom")
    if sbom:
        content["sbom"] = {"uri": f"{sbom['repository']}/{sbom['path']}"}
    return content


def _signed(event: DeliveryEvent) -> dict[str, Any]:
    signatures = event.data.get("envelope", {}).get("signatures") or [{}]
    return {"signature": signatures[0].get("sig", "none")}


def _published(event: DeliveryEvent) -> dict[str, Any]:
    return {"user": event.actor}


def _service(event: DeliveryEvent) -> dict[str, Any]:
    states = event.data.get("report", {}).get("components", [])
    digests = [f"pkg:oci/{state['name']}@{state['digest']}" for state in states if state.get("digest")]
    artifact = digests[0] if digests else f"bundle:{event.bundle or event.subject}"
    return {"environment": {"id": event.environment or "unknown"}, "artifactId": artifact}


def _suite(event: DeliveryEvent) -> dict[str, Any]:
    report = event.data.get("report", {})
    counts = report.get("counts", {})
    ran = counts.get("total", 0) - counts.get("skipped", 0)
    green = ran > 0 and counts.get("failed", 0) == 0
    return {
        "outcome": "success" if green else "failure",
        "environment": {"id": event.environment or "unknown"},
        "testSuite": {"id": f"{event.component}/{report.get('suite', 'suite')}"},
    }


def _run(event: DeliveryEvent) -> dict[str, Any]:
    outcome = str(event.data.get("outcome", "")).upper()
    words = {"DONE": "success", "REFUSED": "failure", "BROKEN": "error"}
    return {"pipelineName": event.subject.split("/", 1)[0], "outcome": words.get(outcome, "error")}


def _closed(event: DeliveryEvent) -> dict[str, Any]:
    return {"uri": str(event.data.get("url") or event.subject), "resolution": "completed"}


def _merged(event: DeliveryEvent) -> dict[str, Any]:
    return {"repository": {"id": str(event.data.get("project") or event.subject)}}


_STANDARD: dict[EventKind, Callable[[DeliveryEvent], dict[str, Any]]] = {
    EventKind.RUN_FINISHED: _run,
    EventKind.BUILD_FINISHED: _packaged,
    EventKind.PROVENANCE_SIGNED: _signed,
    EventKind.ARTIFACTS_PROMOTED: _published,
    EventKind.DEPLOYMENT_FINISHED: _service,
    EventKind.DEPLOYMENT_ROLLED_BACK: _service,
    EventKind.SUITE_FINISHED: _suite,
    EventKind.STORY_CLOSED: _closed,
    EventKind.CHANGE_MERGED: _merged,
}
