"""A delivery counts only from GitLab, for the project that it names, unchanged and in time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from hummingbird.notary.__main__ import main
from hummingbird.notary.hook_senders import WINDOW_SECONDS, project_token, signing_token
from unit.notary.scene import WEBHOOK, Scene
from unit.notary.webhook_samples import a_push

OURS, OTHERS = "trading/order-gateway", "trading/quote-service"


def post(scene: Scene, content: bytes, **headers: str) -> Response:
    sent = {"Idempotency-Key": "delivery-1", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return scene.client.post("/webhooks/gitlab", content=content, headers=sent)


def body(**changes: Any) -> bytes:
    return json.dumps(a_push(**changes)).encode()


def signed(
    content: bytes, project: str = OURS, *, late: float = 0, identity: str = "signed-delivery-1"
) -> dict[str, str]:
    """Headers as GitLab makes them when the project's hook has a signing token."""
    moment = str(int(time.time() + late))
    key = base64.b64decode(signing_token(WEBHOOK, project).removeprefix("whsec_"))
    mac = hmac.new(key, f"{identity}.{moment}.".encode() + content, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook_id": identity, "webhook_timestamp": moment, "webhook_signature": signature}


def test_a_project_s_own_token_speaks_for_that_project(scene: Scene) -> None:
    answer = post(scene, body(), X_Gitlab_Token=project_token(WEBHOOK, OURS))
    assert answer.status_code == 202
    assert scene.kinds() == ["WEBHOOK_RECEIVED"]


def test_the_token_of_one_project_says_nothing_about_another(scene: Scene) -> None:
    answer = post(scene, body(), X_Gitlab_Token=project_token(WEBHOOK, OTHERS))
    assert answer.status_code == 401
    assert "another project's" in answer.text
    assert scene.kinds() == []


def test_a_signed_delivery_counts_once_under_its_signed_name(scene: Scene) -> None:
    content = body()
    headers = signed(content)
    assert post(scene, content, **headers).json()["repeated"] is False
    # The unsigned name is another one: it does not make the same delivery a new one.
    again = post(scene, content, **headers | {"Idempotency_Key": "delivery-of-a-replay"})
    assert again.json()["repeated"] is True
    assert scene.kinds() == ["WEBHOOK_RECEIVED"]


def test_a_signature_beside_others_counts_while_tokens_are_exchanged(scene: Scene) -> None:
    content = body()
    headers = signed(content)
    headers["webhook_signature"] = f"v1,{'A' * 43}= {headers['webhook_signature']}"
    assert post(scene, content, **headers).status_code == 202


@pytest.mark.parametrize("late", [-WINDOW_SECONDS - 30, WINDOW_SECONDS + 30])
def test_a_replay_outside_of_the_window_is_refused(scene: Scene, late: float) -> None:
    content = body()
    answer = post(scene, content, **signed(content, late=late))
    assert answer.status_code == 401
    assert "a replay, or the clocks differ" in answer.text
    assert scene.kinds() == []


def test_a_delivery_within_the_window_counts(scene: Scene) -> None:
    content = body()
    assert post(scene, content, **signed(content, late=30 - WINDOW_SECONDS)).status_code == 202


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v2,AAAA"},
        {"webhook_id": "another-delivery"},
        {"webhook_timestamp": str(int(time.time()) + 1000)},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "-5"},
        {"webhook_timestamp": "9" * 400},
        {"webhook_id": ""},
    ],
    ids=["wrong", "unknown version", "renamed", "made younger", "no time", "negative", "endless", "no name"],
)
def test_a_changed_or_incomplete_signature_is_refused(scene: Scene, changes: dict[str, str]) -> None:
    content = body()
    assert post(scene, content, **signed(content) | changes).status_code == 401
    assert scene.kinds() == []


def test_a_signed_body_that_was_changed_is_refused(scene: Scene) -> None:
    headers = signed(body())
    assert post(scene, body(after="c" * 40), **headers).status_code == 401


def test_a_signature_of_another_project_is_refused(scene: Scene) -> None:
    content = body()
    assert post(scene, content, **signed(content, OTHERS)).status_code == 401


def test_a_right_token_does_not_save_a_wrong_signature(scene: Scene) -> None:
    content = body()
    headers = signed(content, late=-WINDOW_SECONDS - 30)
    assert post(scene, content, **headers, X_Gitlab_Token=WEBHOOK).status_code == 401
    assert post(scene, b"not json", **headers, X_Gitlab_Token=WEBHOOK).status_code == 401


def test_a_stranger_learns_nothing_of_what_is_wrong_with_the_body(scene: Scene) -> None:
    answer = post(scene, b'{"a": 1, "a": 2}', X_Gitlab_Token="x" * 64)
    assert answer.status_code == 401
    assert "twice" not in answer.text


@pytest.mark.parametrize("project", [None, [], {}, {"path_with_namespace": 7}])
def test_a_body_that_names_no_project_needs_the_token_of_all(scene: Scene, project: Any) -> None:
    content = json.dumps(a_push() | {"project": project}).encode()
    assert post(scene, content, X_Gitlab_Token=project_token(WEBHOOK, OURS)).status_code == 401
    assert post(scene, content, X_Gitlab_Token=WEBHOOK).status_code == 422


def test_the_command_draws_a_project_s_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    file.write_text(WEBHOOK + "\n", "utf-8")
    file.chmod(0o600)
    monkeypatch.delenv("HB_GITLAB_WEBHOOK_TOKEN_FILE", raising=False)
    assert main(["hook-tokens", OURS]) == 2
    monkeypatch.setenv("HB_GITLAB_WEBHOOK_TOKEN_FILE", str(file))
    assert main(["hook-tokens", OURS]) == 0
    told = capsys.readouterr().out
    assert project_token(WEBHOOK, OURS) in told
    assert signing_token(WEBHOOK, OURS) in told
    assert WEBHOOK not in told
