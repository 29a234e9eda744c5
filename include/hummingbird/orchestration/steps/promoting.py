"""Promote: the same digests where the clusters pull them, copied by the stores, read back by us."""

from __future__ import annotations

from airflow.sdk import task

from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.refusal import Refused
from hummingbird.paths import promote


@task
def copy_images() -> None:
    """Copy every image by digest on the registry's side."""
    catalogue, bundle = wiring.catalogue(), wiring.notary().bundle(current.bundle_sha256())
    environment = catalogue.environment(str(current.plan().environment))
    promotion = promote.promote_images(catalogue, wiring.image_store(), bundle, environment)
    there = "; ".join(f"{image.repository}@{image.digest[:19]}" for _, image in promotion.images)
    outcome.say(there + _left_out(promotion))


@task
def copy_packages() -> None:
    """Copy every package on the repository's side."""
    catalogue, bundle = wiring.catalogue(), wiring.notary().bundle(current.bundle_sha256())
    environment = catalogue.environment(str(current.plan().environment))
    copied = promote.promote_packages(wiring.package_store(), bundle, environment)
    outcome.say(f"{len(copied)} packages are in {environment.package_repository}")


@task
def record_promotion() -> None:
    """Read everything back once more and record what is there, cluster by cluster."""
    catalogue, notary = wiring.catalogue(), wiring.notary()
    bundle = notary.bundle(current.bundle_sha256())
    environment = catalogue.environment(str(current.plan().environment))
    promotion = promote.promote_images(catalogue, wiring.image_store(), bundle, environment)
    packages = promote.promote_packages(wiring.package_store(), bundle, environment)
    promote.record_promotion(notary, bundle, environment, current.name(), promotion, packages)
    there = ", ".join(promotion.clusters)
    outcome.say(f"bundle {bundle.sha256[:12]} is promoted for {there}{_left_out(promotion)}")


@task
def check_images() -> None:
    """Before a rollback touches anything: each cluster must still be able to pull what it goes back to."""
    catalogue, notary, plan = wiring.catalogue(), wiring.notary(), current.plan()
    bundle = notary.bundle(current.bundle_sha256())
    stage = catalogue.environment(str(plan.environment))
    clusters = plan.clusters or stage.clusters
    gone = promote.missing_ways_back(catalogue, wiring.image_store(), notary, bundle, stage, clusters)
    if gone:
        raise Refused(f"{'; '.join(gone)} is gone: there is no going back to it, and nothing was touched")
    outcome.say(f"{', '.join(clusters)} can pull what ran before bundle {bundle.sha256[:12]}")


def _left_out(promotion: promote.Promotion) -> str:
    told = "; ".join(f"{cluster}: {why}" for cluster, why in promotion.missing.items())
    return f"; left out, and to be brought by a later run: {told}" if told else ""
