"""Copy a bundle's artifacts to where an environment's clusters pull them, by digest, and read them back."""

from __future__ import annotations

from hummingbird.core.artifact import Image, Package
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment, WhenUnreachable
from hummingbird.core.errors import Denied, NotFound, Retryable
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.ports import ImageStore, Notary, PackageStore
from hummingbird.core.record import Record
from hummingbird.paths.running import came_from


def image_in(catalogue: Catalogue, component: BundleComponent, cluster: str) -> Image:
    """Where a cluster pulls a component's image from: its own registry project, the same digest."""
    project = catalogue.clusters[cluster].registry_project
    repository = catalogue.component(component.name).image_repository
    return Image(repository=f"{project}/{repository}", digest=component.image.digest)


class Promotion(Record):
    """What lies where the clusters pull it, and which clusters' projects could not be reached."""

    images: list[tuple[str, Image]]
    """Cluster and image, as read back."""
    missing: dict[str, str]
    """Cluster → why."""

    @property
    def clusters(self) -> list[str]:
        """The clusters that have every image."""
        return list(dict.fromkeys(cluster for cluster, _ in self.images))


def promote_images(
    catalogue: Catalogue, images: ImageStore, bundle: Bundle, environment: Environment
) -> Promotion:
    """Copy every image for every cluster of the environment, and read it back there.

    A project that cannot be reached stops everything, or is left out where the environment proceeds; a digest
    that differs always stops everything.
    """
    copied: list[tuple[str, Image]] = []
    missing: dict[str, str] = {}
    failures: list[Retryable | NotFound | Denied] = []
    for cluster in environment.clusters:
        targets = [(component, image_in(catalogue, component, cluster)) for component in bundle.components]
        try:
            there = [(cluster, images.copy(c.image, target.repository)) for c, target in targets]
        except (Retryable, NotFound, Denied) as error:
            if environment.when_unreachable is WhenUnreachable.STOP:
                raise
            failures.append(error)
            missing[cluster] = str(error)
        else:
            copied += there
    if failures and not copied:
        raise failures[0]
    return Promotion(images=copied, missing=missing)


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
    promotion: Promotion,
    packages: list[Package],
) -> None:
    """Write to the ledger what was read back in each cluster's repositories."""
    for cluster in promotion.clusters:
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
                    "images": [image.document() for where, image in promotion.images if where == cluster],
                    "packages": [package.document() for package in packages],
                },
            )
        )


def missing_ways_back(
    catalogue: Catalogue,
    images: ImageStore,
    notary: Notary,
    bundle: Bundle,
    stage: Environment,
    clusters: list[str],
) -> list[str]:
    """Images that a rollback of the bundle needs and a cluster cannot pull any more: cluster and image."""
    gone = []
    for cluster in clusters:
        before = came_from(notary, bundle, stage.name, cluster)
        for name, sha256 in before.items():
            carried = notary.bundle(sha256).component(name) if sha256 else None
            if carried is None:
                continue
            image = image_in(catalogue, carried, cluster)
            if not images.exists(image):
                gone.append(f"{cluster}: {image.repository}@{image.digest[:19]}")
    return gone
