"""A question for production that is shown in Jira: fixtures and words of the tests about answers there."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hummingbird.core.story import StoryKey
from hummingbird.notary import usher
from hummingbird.notary.issue_answers import take_from_issue
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.prompt import Unusable
from sandbox.jira import create
from sandbox.world import World
from stand_ins import free_world, served
from unit.notary.answer_desk import DATA_CENTER, HOOK_SECRET, Jira, shown
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

RUN = "prod_deploy/HB-101.1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "jira"), create) as running:
        jira = Jira(running, DATA_CENTER)
        fields = {"project": {"key": "HB"}, "issuetype": {"name": "Story"}, "summary": "限价单校验"}
        assert jira.call("developer", "POST", "issue", {"fields": fields})["key"] == "HB-101"
        yield running


@pytest.fixture(params=[DATA_CENTER])
def jira(world: World, request: pytest.FixtureRequest) -> Iterator[Jira]:
    made = Jira(world, request.param)
    made.notify("")
    yield made
    made.notify("")


@pytest.fixture
def messengers(jira: Jira) -> Iterator[Messengers]:
    tracker = jira.tracker()
    yield Messengers(desk=tracker, desk_url=jira.url, hook_secret=HOOK_SECRET)
    tracker.close()


@pytest.fixture
def asking(scene: Scene, jira: Jira, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A bundle that runs in test; people have their accounts of this edition of Jira."""
    monkeypatch.setattr(usher, "SETTLE", timedelta(0))
    roles = scene.folder / "roles.yaml"
    text = roles.read_text("utf-8")
    for name in scene.catalogue.persons:
        text = text.replace(f"jira: {name},", f'jira: "{jira.edition.account(name)}",')
    roles.write_text(text, "utf-8")
    scene.through_test(a_bundle())
    scene.promote(a_bundle(), "prod")
    scene.admit(RUN, bundle=a_bundle().sha256, environment="prod")
    return scene


def ask(scene: Scene, run: str = RUN) -> tuple[str, dict[int, str]]:
    """A question for production, and the issues of its two signatures."""
    answer = scene.ask(a_bundle(), "prod", run)
    assert answer.status_code == 201, answer.text
    identity = str(answer.json()["id"])
    return identity, shown(scene, identity, 2)


def status(scene: Scene, identity: str) -> dict[str, Any]:
    return dict(scene.get(f"/approvals/{identity}").json())


def refused(scene: Scene, issue: str) -> str:
    """Take the answer, and why it does not count."""
    taken = take_from_issue(scene.office, StoryKey(issue))
    assert isinstance(taken, Unusable), taken
    return taken.why


def signed(body: bytes, secret: str = HOOK_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
