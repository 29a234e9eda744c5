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
    copied = promote.promote_images(catalogue, wiring.image_store(), bundle, environment)
    outcome.say("; ".join(f"{image.repository}@{image.digest[:19]}" for _, image in copied))


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
    images = promote.promote_images(catalogue, wiring.image_store(), bundle, environment)
    packages = promote.promote_packages(wiring.package_store(), bundle, environment)
    promote.record_promotion(notary, bundle, environment, current.name(), images, packages)
    outcome.say(f"bundle {bundle.sha256[:12]} is promoted for {', '.join(environment.clusters)}")


@task
def check_images() -> None:
    """Before a rollback touches anything: every image of the target must be where the clusters pull it."""
    catalogue, bundle = wiring.catalogue(), wiring.notary().bundle(current.bundle_sha256())
    for component in bundle.components:
        for cluster in catalogue.environment(str(current.plan().environment)).clusters:
            image = promote.image_in(catalogue, component, cluster)
            if not wiring.image_store().exists(image):
                raise Refused(
                    f"{image.repository}@{image.digest[:19]} is gone: {cluster} cannot go back to it"
                )
    outcome.say(f"every image of bundle {bundle.sha256[:12]} is there")
