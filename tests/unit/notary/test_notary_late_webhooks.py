"""F13: webhooks that come twice, late and in any order start each commit's scan once."""

from __future__ import annotations

import itertools
import json

import pytest

from hummingbird.core.event import EventKind
from hummingbird.notary.outbox import seconds_until_due
from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.scene import WEBHOOK, Scene
from unit.notary.webhook_samples import a_push
from waiting import until

COMMITS = ["a" * 40, "b" * 40, "c" * 40]
PUSHES = [
    (f"delivery-{number}", a_push(before=before, after=after))
    for number, (before, after) in enumerate(itertools.pairwise(["0" * 40, *COMMITS]))
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_pushes_in_any_order_and_each_twice_are_three_scans(
    scene: Scene, airflow: AirflowStandIn, order: tuple[int, ...]
) -> None:
    for number in (*order, *reversed(order)):
        delivery, payload = PUSHES[number]
        headers = {"X-Gitlab-Token": WEBHOOK, "Idempotency-Key": delivery}
        answer = scene.client.post("/webhooks/gitlab", content=json.dumps(payload), headers=headers)
        assert answer.status_code == 202
    until(lambda: seconds_until_due(scene.office.writer) is None)
    assert sorted(run["conf"]["commit"] for run in airflow.triggered) == COMMITS
    assert scene.kinds().count(EventKind.WEBHOOK_RECEIVED.name) == 3
