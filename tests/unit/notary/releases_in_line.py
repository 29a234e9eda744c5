"""Two bundles that test may have and three runs that want to bring them: for tests about who goes first."""

from __future__ import annotations

from typing import Any

import pytest

from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

RUN, SECOND, THIRD = "test_deploy/HB-101.1", "test_deploy/HB-102.1", "test_deploy/HB-103.1"
OLDER, NEWER = a_bundle("b" * 40, "1.3.0"), a_bundle("c" * 40, "1.5.0")


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Two bundles that test may have, and three runs that want to bring them."""
    for bundle in (a_bundle(), NEWER):
        scene.ready(bundle)
        scene.promote(bundle, "test")
    for run in (RUN, SECOND, THIRD):
        scene.admit(run)
        scene.airflow.park(run)
    return scene


def agreed(scene: Scene, run: str, bundle: Any = None, **fields: Any) -> dict[str, Any]:
    """What a run asks for once its people agreed."""
    approval = scene.approve(bundle or a_bundle(), "test", run, **fields)
    return scene.question(bundle or a_bundle(), "test", run, approval=approval, **fields)


def holding(scene: Scene) -> dict[str, Any]:
    """The first release's warrant: test is its own until its run ends."""
    answer = scene.post("/warrants", agreed(scene, RUN))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def message(answer: Any) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["message"])
