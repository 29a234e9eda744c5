"""A component: one repository, one image, one workload."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hummingbird.core.record import Record


class ApolloNamespace(Record):
    """Where a component's configuration lives in Apollo."""

    app: str
    cluster: str = "default"
    namespace: str = "application"


class Resources(Record):
    """How much of a cluster one environment's workload takes: Kubernetes quantities."""

    replicas: int = Field(ge=1)
    cpu: str
    memory: str


class Workload(Record):
    """How the component runs: port, probes, and the request that proves it serves."""

    port: int = Field(ge=1024, le=65535)
    readiness: str
    liveness: str
    smoke: str
    startup_seconds: int = Field(default=60, ge=5)
    environments: dict[str, Resources]


class Suite(Record):
    """One kind of test that the component brings; `path` is a folder of the repository.

    Its tests run as unit tests do: by the runners of the component's languages. A nightly suite's cases
    run one by one, by the runner of its kind (workloads/cases/registry.py).
    """

    path: str
    timeout_seconds: int = Field(default=300, ge=1)
    """Of the whole suite, where an environment runs it after a deployment."""
    nightly: bool = False
    """Whether nightly_regression runs it, case by case."""
    kind: Literal["functional", "api"] = "functional"
    case_timeout_seconds: int | None = Field(default=None, ge=1)
    """Of one case at night, the catalogue's `regression.case_timeout_seconds` where it says nothing."""


class Component(Record):
    """One delivered thing of the catalogue."""

    name: str
    title: str
    jira_project: str
    gitlab_project: str
    languages: list[str]
    component_class: str = "standard"
    """What an environment's approval rules tell components apart by (`classes`)."""
    image_repository: str
    package_folder: str
    apollo: ApolloNamespace
    calls: list[str] = Field(default_factory=list)
    """Components that it calls: they are deployed before it."""
    contract: str | None = None
    configuration: dict[str, str]
    """Environment name → file of the repository that holds its configuration (Java properties)."""
    unit_tests: str
    """Folder of the repository; pytest runs its Python tests, Node's own runner its JavaScript ones."""
    unit_test_command: list[str] | None = None
    """The project's own command, run in its root, where the language's usual runner does not do."""
    suites: dict[str, Suite]
    workload: Workload

    @property
    def nightly_suites(self) -> dict[str, Suite]:
        """The suites that a night runs."""
        return {name: suite for name, suite in self.suites.items() if suite.nightly}
