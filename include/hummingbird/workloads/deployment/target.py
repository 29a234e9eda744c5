"""One component of one bundle in one environment's cluster: everything that its objects are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.component import ApolloNamespace, Component
from hummingbird.core.environment import Cluster, Environment
from hummingbird.core.errors import Invalid
from hummingbird.core.job import DeployJob


@dataclass(frozen=True)
class Target:
    """What shall run."""

    component: Component
    carried: BundleComponent
    bundle: str
    story: str
    environment: Environment
    cluster: Cluster
    registry: str

    @property
    def name(self) -> str:
        """Name of Deployment and Service."""
        return self.component.name

    @property
    def image(self) -> Image:
        """The image in the repository that this cluster pulls from: the bundle's digest, no tag."""
        repository = f"{self.cluster.registry_project}/{self.component.image_repository}"
        return Image(repository=repository, digest=self.carried.image.digest)

    @property
    def items(self) -> dict[str, str]:
        """The configuration items that go with this environment."""
        return self.carried.configuration[self.environment.name].items

    @property
    def configuration_sha256(self) -> str:
        """Names the configuration."""
        return self.carried.configuration[self.environment.name].sha256

    @property
    def apollo(self) -> ApolloNamespace:
        """Where the configuration lives: the component's namespace in the cluster's Apollo cluster."""
        return self.component.apollo.model_copy(update={"cluster": self.cluster.apollo_cluster})


def targets_of(job: DeployJob, bundle: Bundle, names: Sequence[str]) -> list[Target]:
    """The named components of a bundle as targets; Invalid when job or bundle lack what is needed."""
    return [_target(job, bundle, name) for name in names]


def _target(job: DeployJob, bundle: Bundle, name: str) -> Target:
    component = next((c for c in job.components if c.name == name), None)
    carried = bundle.component(name)
    if component is None or carried is None:
        raise Invalid(
            f"component {name} is not in the job's catalogue entries and bundle {bundle.sha256[:12]}"
        )
    environment = job.environment
    if environment.name not in carried.configuration:
        raise Invalid(f"bundle {bundle.sha256[:12]} has no configuration of {name} for {environment.name}")
    if environment.name not in component.workload.environments:
        raise Invalid(f"the catalogue does not say how {name} runs in {environment.name}")
    return Target(
        component, carried, bundle.sha256, job.story, environment, job.cluster, registry=job.registry
    )
