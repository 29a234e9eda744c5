"""A night is about the components that serve and bring nightly suites, frozen at the commits that serve."""

from __future__ import annotations

import pytest

from builders import NOW, a_bundle, a_component, the_catalogue
from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Suite
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.paths import night
from world_in_memory import MemoryNotary

RUN = "nightly_regression/scheduled__x"


@pytest.fixture
def catalogue() -> Catalogue:
    """Of three components, two bring nightly suites."""
    known = the_catalogue()
    components = {
        name: component.model_copy(
            update={
                "suites": {"functional": component.suites["functional"]}
                | ({} if name == "trade-web" else {"nightly": Suite(path="t", nightly=True)})
            }
        )
        for name, component in known.components.items()
    }
    return known.model_copy(update={"components": components})


def bring(notary: MemoryNotary, bundle: Bundle, cluster: str = "test") -> None:
    notary.seal(bundle, "test_deploy/r")
    report = DeployReport(
        bundle=bundle.sha256,
        environment=cluster,
        cluster=cluster,
        warrant="w",
        outcome=DeployOutcome.DEPLOYED,
        reason="",
        started_at=NOW,
        finished_at=NOW,
    )
    notary.append(
        DeliveryEvent(
            kind=EventKind.DEPLOYMENT_FINISHED,
            key=f"job:{bundle.sha256}:{cluster}",
            subject=bundle.sha256,
            bundle=bundle.sha256,
            environment=cluster,
            cluster=cluster,
            actor="job:1",
            data={"report": report.document()},
        )
    )


def test_what_serves_in_test_and_brings_nightly_suites_is_tested_at_its_commit(catalogue: Catalogue) -> None:
    notary = MemoryNotary()
    old, new = a_bundle(), a_bundle(a_component(commit="2" * 40, version="1.2.0"))
    others = a_bundle(a_component(name="trade-web"))
    for bundle in (old, new, others):
        bring(notary, bundle)
    bring(notary, a_bundle(a_component(name="quote-service")), "dev")
    plan = night.admit_night(catalogue, notary, RUN, "release_manager")
    [component] = plan.components
    assert (component.name, component.commit, component.version) == ("order-gateway", "2" * 40, "1.2.0")
    assert (component.bundle, component.stories) == (new.sha256, ["HB-101"])
    assert (plan.environment, plan.cluster, plan.requester) == ("test", "test", "release_manager")


def test_a_plan_is_frozen_whatever_is_deployed_afterwards(catalogue: Catalogue) -> None:
    notary = MemoryNotary()
    bring(notary, a_bundle())
    plan = night.admit_night(catalogue, notary, RUN, None)
    bring(notary, a_bundle(a_component(commit="2" * 40)))
    assert night.admit_night(catalogue, notary, RUN, None) == plan
    assert night.require_plan(notary, RUN) == plan
    job = night.regression_job(catalogue, plan, 1)
    assert [target.commit for target in job.targets] == [plan.components[0].commit]
    assert night.select_job(catalogue, plan, "order-gateway").commit == plan.components[0].commit
    assert len(notary.events(kinds=[EventKind.REGRESSION_STARTED], run=RUN)) == 1


def test_where_nothing_serves_there_is_nothing_to_test(catalogue: Catalogue) -> None:
    assert night.admit_night(catalogue, MemoryNotary(), RUN, None).components == []


def test_a_run_whose_door_was_marked_has_no_plan() -> None:
    with pytest.raises(NotFound, match="was not admitted"):
        night.require_plan(MemoryNotary(), RUN)
