"""Copy a bundle's artifacts to where an environment's clusters pull them, by digest, and read them back."""

from __future__ import annotations

from hummingbird.core.artifact import Image, Package
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.ports import ImageStore, Notary, PackageStore


def image_in(catalogue: Catalogue, component: BundleComponent, cluster: str) -> Image:
    """Where a cluster pulls a component's image from: its own registry project, the same digest."""
    project = catalogue.clusters[cluster].registry_project
    repository = catalogue.component(component.name).image_repository
    return Image(repository=f"{project}/{repository}", digest=component.image.digest)


def promote_images(
    catalogue: Catalogue, images: ImageStore, bundle: Bundle, environment: Environment
) -> list[tuple[str, Image]]:
    """Copy every image for every cluster of the environment; (cluster, image as read back)."""
    copied = []
    for component in bundle.components:
        for cluster in environment.clusters:
            target = image_in(catalogue, component, cluster)
            copied.append((cluster, images.copy(component.image, target.repository)))
    return copied


def promote_packages(packages: PackageStore, bundle: Bundle, environment: Environment) -> list[Package]:
    """Copy every package to the environment's repository; the packages as read back."""
    return [
        packages.copy(package, environment.package_repository)
        for component in bundle.components
        for package in component.packages
    ]


def record_promotion(
    notary: Notary,
    bundle: Bundle,
    environment: Environment,
    run: str,
    images: list[tuple[str, Image]],
    packages: list[Package],
) -> None:
    """Write to the ledger what was read back in each cluster's repositories."""
    for cluster in environment.clusters:
        notary.append(
            DeliveryEvent(
                kind=EventKind.ARTIFACTS_PROMOTED,
                key=f"promoted:{bundle.sha256}:{environment.name}:{cluster}",
                subject=bundle.sha256,
                story=bundle.story,
                bundle=bundle.sha256,
                environment=environment.name,
                cluster=cluster,
                run=run,
                actor="platform",
                data={
                    "images": [image.document() for where, image in images if where == cluster],
                    "packages": [package.document() for package in packages],
                },
            )
        )
