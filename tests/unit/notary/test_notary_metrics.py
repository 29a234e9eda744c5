"""The rollup's jobs: vetted by the catalogue, and what their pods report is in the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.job import CodeJob, CodeTarget, RollupJob
from unit.notary.delivery_samples import COMMIT, OLD_COMMIT
from unit.notary.scene import Scene

RUN = "metric_rollup/1"
REPORT = {
    "publication": 3,
    "mode": "incremental",
    "state": "published",
    "why": "",
    "height": 7,
    "head": "a" * 64,
    "figures": 12,
    "seconds": 0.5,
}


def _job(scene: Scene, **changes: Any) -> RollupJob:
    fields = {"run": RUN, "mode": "incremental", "production": "prod", "rates": scene.catalogue.metrics}
    return RollupJob.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "METRICS_PUBLISHED"),
        ({"state": "withheld", "why": "expect_x does not hold for value"}, "METRICS_WITHHELD"),
    ],
)
def test_what_became_of_a_rollup_is_in_the_ledger(scene: Scene, changes: dict[str, Any], kind: str) -> None:
    ticket = scene.ticket(_job(scene)).json()
    assert scene.put(ticket["token"], REPORT | changes).status_code == 201
    assert scene.kinds() == [kind]
    event = scene.get("/events").json()[0]["event"]
    assert (event["subject"], event["data"]["report"]) == ("publication:3", REPORT | changes)


@pytest.mark.parametrize(
    ("changes", "field"), [({"production": "test"}, "production"), ({"rates": {"hourly_rate": 1}}, "rates")]
)
def test_a_rollup_by_other_rules_than_the_catalogue_s_gets_no_ticket(
    scene: Scene, changes: dict[str, Any], field: str
) -> None:
    refused = scene.ticket(_job(scene, **changes))
    assert refused.status_code == 409
    assert f"job.{field}: not the catalogue's" in refused.text


def test_each_component_s_code_is_an_observation_of_its_own_at_the_commit_that_was_asked(
    scene: Scene,
) -> None:
    component = scene.catalogue.component("order-gateway")
    job = CodeJob(targets=[CodeTarget(component=component, commit=COMMIT)])
    ticket = scene.ticket(job).json()
    seen = {"about": "code", "component": "order-gateway", "lines": {"python": 3}, "commits": []}
    wrong = scene.put(ticket["token"], {"seen": [{**seen, "commit": OLD_COMMIT}]})
    assert wrong.status_code == 409
    assert scene.put(ticket["token"], {"seen": [{**seen, "commit": COMMIT}]}).status_code == 201
    event = scene.get("/events").json()[0]["event"]
    assert (event["subject"], event["component"]) == ("order-gateway", "order-gateway")
    assert event["data"]["observation"]["lines"] == {"python": 3}
