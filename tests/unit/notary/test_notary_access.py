"""Every route with every kind of caller: only the listed cells are allowed, a new route must be listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from hummingbird.notary.app import create_app
from hummingbird.notary.ssh_signature import ssh_public_key
from unit.notary.delivery_samples import HB_101, a_bundle
from unit.notary.scene import READER, TASKS, Scene, bearer

EVERYONE, READERS, ONLY_TASKS, POD, GITLAB, JIRA = "everyone", "readers", "tasks", "pod", "gitlab", "jira"
MATRIX = {
    ("GET", "/health"): EVERYONE,
    ("GET", "/keys/current"): EVERYONE,
    ("POST", "/events"): ONLY_TASKS,
    ("GET", "/events"): READERS,
    ("GET", "/builds"): READERS,
    ("POST", "/bundles"): ONLY_TASKS,
    ("GET", "/bundles/{sha256}"): READERS,
    ("GET", "/bundles/{sha256}/evidence"): READERS,
    ("GET", "/evidence/{story}"): READERS,
    ("POST", "/heads"): ONLY_TASKS,
    ("POST", "/nights"): ONLY_TASKS,
    ("GET", "/nights"): READERS,
    ("POST", "/nights/close"): ONLY_TASKS,
    ("POST", "/nights/next"): POD,
    ("POST", "/nights/alive"): POD,
    ("POST", "/verdicts"): ONLY_TASKS,
    ("POST", "/approvals"): ONLY_TASKS,
    ("GET", "/approvals/{identity}"): READERS,
    ("POST", "/approvals/{identity}/answers"): ONLY_TASKS,
    ("POST", "/withdrawals"): ONLY_TASKS,
    ("POST", "/emergencies/{identity}/review"): ONLY_TASKS,
    ("POST", "/warrants"): ONLY_TASKS,
    ("POST", "/warrants/{identity}/consume"): POD,
    ("POST", "/tickets"): ONLY_TASKS,
    ("GET", "/jobs/current"): POD,
    ("PUT", "/jobs/current/result"): POD,
    ("GET", "/jobs/{identity}"): ONLY_TASKS,
    ("POST", "/webhooks/gitlab"): GITLAB,
    ("POST", "/webhooks/jira"): JIRA,
}
ALLOWED = {
    EVERYONE: {"nobody", "reader", "tasks", "pod", "stranger"},
    READERS: {"reader", "tasks"},
    ONLY_TASKS: {"tasks"},
    POD: {"pod"},
    GITLAB: set(),
    JIRA: set(),
}


def test_every_route_allows_exactly_its_callers(scene: Scene) -> None:
    pod = scene.ticket(scene.scan_job(a_bundle())).json()["token"]
    tokens = {"nobody": None, "reader": READER, "tasks": TASKS, "pod": pod, "stranger": "x" * 40}
    app = create_app(scene.office)
    routes = [r for r in app.routes if isinstance(r, APIRoute)]
    found = {(method, r.path) for r in routes for method in r.methods}
    assert found == set(MATRIX)
    for (method, path), callers in MATRIX.items():
        for caller, token in tokens.items():
            url = (
                path.replace("{sha256}", "0" * 64).replace("{identity}", "0" * 32).replace("{story}", "HB-1")
            )
            headers = bearer(token) if token else {}
            body: dict[str, str] | None = None if method == "GET" else {}
            status = scene.client.request(method, url, json=body, headers=headers).status_code
            if caller in ALLOWED[callers]:
                assert status not in (401, 403), (method, path, caller, status)
            else:
                assert status in (401, 403), (method, path, caller, status)


def test_no_pages_about_the_interface_are_served(scene: Scene) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert scene.client.get(path).status_code == 404


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", f"Token {TASKS}", f"Bearer {TASKS}x"])
def test_a_wrong_authorization_header_is_401(scene: Scene, header: str) -> None:
    answer = scene.client.get("/events", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert TASKS not in answer.text


def test_a_body_beyond_the_limit_is_413_also_when_it_hides_its_length(scene: Scene) -> None:
    large = b"x" * (1024 * 1024 + 1)
    headers = {"X-Gitlab-Token": "webhook-token-of-the-tests", "Idempotency-Key": "delivery-1"}
    assert scene.client.post("/webhooks/gitlab", content=large, headers=headers).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 65536

    assert scene.client.post("/webhooks/gitlab", content=chunks(), headers=headers).status_code == 413


def test_health_tells_the_height_and_keys_the_public_half(scene: Scene) -> None:
    scene.seal(a_bundle())
    health = scene.client.get("/health").json()
    assert health == {"status": "ok", "sequence": 1, "head": health["head"]}
    assert scene.client.get("/keys/current").json() == {
        "key_id": scene.office.key.key_id,
        "public_key": scene.office.key.public_base64,
        "ssh_key": ssh_public_key(scene.office.key),
        "builds_key_id": scene.office.key.for_builds.key_id,
        "builds_public_key": scene.office.key.for_builds.public_base64,
    }
    assert HB_101 in scene.get("/events").text
