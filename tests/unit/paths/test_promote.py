"""The same digest in every cloud's registry project, and what happens where one cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from builders import DIGEST, NOW, a_bundle, a_component, the_catalogue
from hummingbird.core.artifact import Image
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.environment import WhenUnreachable
from hummingbird.core.errors import DeliveryError, Mismatch, NotFound, Unreachable
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.ports import ImageStore
from hummingbird.paths.promote import missing_ways_back, promote_images, record_promotion
from world_in_memory import MemoryNotary

CATALOGUE = the_catalogue()
PROD = CATALOGUE.production
CAREFUL = PROD.model_copy(update={"when_unreachable": WhenUnreachable.STOP})


@dataclass
class Projects:
    """A registry of several projects, some of which fail."""

    failing: dict[str, DeliveryError] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def copy(self, image: Image, target_repository: str) -> Image:
        failure = self.failing.get(target_repository.split("/", maxsplit=1)[0])
        if failure is not None:
            raise failure
        self.held.add(f"{target_repository}@{image.digest}")
        return Image(repository=target_repository, digest=image.digest)

    def exists(self, image: Image) -> bool:
        return f"{image.repository}@{image.digest}" in self.held

    def as_store(self) -> ImageStore:
        return cast(ImageStore, self)


def test_every_cluster_s_project_gets_the_same_digest_and_each_is_recorded() -> None:
    projects, notary = Projects(), MemoryNotary()
    promotion = promote_images(CATALOGUE, projects.as_store(), a_bundle(), PROD)
    assert promotion.clusters == ["prod-private", "prod-huawei", "prod-industry"]
    assert {image.digest for _, image in promotion.images} == {DIGEST}
    record_promotion(notary, a_bundle(), PROD, "promote/r", promotion, [])
    told = {r.event.cluster: r.event.data["images"][0]["repository"] for r in notary.recorded}
    assert told["prod-huawei"] == "trading-prod-huawei/order-gateway"


@pytest.mark.parametrize("failure", [Unreachable("no answer"), NotFound("no such project")])
def test_a_project_that_cannot_be_reached_is_left_out_where_the_others_proceed(failure: Any) -> None:
    projects, notary = Projects({"trading-prod-huawei": failure}), MemoryNotary()
    promotion = promote_images(CATALOGUE, projects.as_store(), a_bundle(), PROD)
    assert promotion.clusters == ["prod-private", "prod-industry"]
    assert promotion.missing == {"prod-huawei": str(failure)}
    record_promotion(notary, a_bundle(), PROD, "promote/r", promotion, [])
    assert [r.event.cluster for r in notary.recorded] == ["prod-private", "prod-industry"]


def test_where_the_environment_stops_one_project_stops_all() -> None:
    projects = Projects({"trading-prod-huawei": Unreachable("no answer")})
    with pytest.raises(Unreachable):
        promote_images(CATALOGUE, projects.as_store(), a_bundle(), CAREFUL)


def test_another_digest_stops_everything_whatever_the_environment_says() -> None:
    projects = Projects({"trading-prod-huawei": Mismatch("expected a, found b")})
    with pytest.raises(Mismatch):
        promote_images(CATALOGUE, projects.as_store(), a_bundle(), PROD)


def test_when_no_project_is_reached_the_first_reason_is_told() -> None:
    gone = {CATALOGUE.clusters[name].registry_project: Unreachable(name) for name in PROD.clusters}
    with pytest.raises(Unreachable, match="prod-private"):
        promote_images(CATALOGUE, Projects(dict(gone)).as_store(), a_bundle(), PROD)


def test_a_way_back_whose_image_is_gone_is_named_by_cluster() -> None:
    older = a_bundle(a_component(version="1.0.0", image=Image(repository="x/y", digest="sha256:" + "e" * 64)))
    new, notary, projects = a_bundle(), MemoryNotary(), Projects()
    notary.bundles.update({older.sha256: older, new.sha256: new})
    for cluster in ("prod-private", "prod-huawei"):
        report = DeployReport(
            bundle=new.sha256,
            environment="prod",
            cluster=cluster,
            warrant="w",
            outcome=DeployOutcome.DEPLOYED,
            reason="",
            predecessor=older.sha256,
            predecessors={"order-gateway": older.sha256},
            started_at=NOW,
            finished_at=NOW,
        )
        notary.append(
            DeliveryEvent(
                kind=EventKind.DEPLOYMENT_FINISHED,
                key=f"job:{cluster}",
                subject=new.sha256,
                bundle=new.sha256,
                environment="prod",
                cluster=cluster,
                actor="job:x",
                data={"report": report.document()},
            )
        )
    projects.held.add(f"trading-prod-private/order-gateway@sha256:{'e' * 64}")
    gone = missing_ways_back(
        CATALOGUE, projects.as_store(), notary, new, PROD, ["prod-private", "prod-huawei"]
    )
    assert gone == [f"prod-huawei: trading-prod-huawei/order-gateway@sha256:{'e' * 12}"]
