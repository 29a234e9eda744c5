"""What a pod is asked to do. A job travels by ticket, its result comes back by the same ticket."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.baseline import Baseline, BaselineRule
from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import content_hash
from hummingbird.core.component import Component, Suite
from hummingbird.core.deployment import DeployReport
from hummingbird.core.environment import Cluster, Environment
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.metric import Rates, RollupReport
from hummingbird.core.observation import CodeReport, ObservedCommit
from hummingbird.core.record import Record
from hummingbird.core.regression import RegressionReport, RegressionRule, Selection
from hummingbird.core.story import StoryKey
from hummingbird.core.warrant import SignedWarrant


class ScanJob(Record):
    """Check out a commit, run scanners and unit tests."""

    kind: Literal["scan"] = "scan"
    story: StoryKey | None
    component: Component
    commit: Commit
    mode: Literal["incremental", "full"]
    base: Commit | None = None
    scanners: list[str]
    baseline: Baseline | None = None
    """What the component brought along when it joined; the report's page tells it apart."""
    baseline_rule: BaselineRule = BaselineRule()
    rules: Sha256 | None = None
    """Names scanners and toolbox together: a full scan by the same rules need not run again."""
    report_repository: str
    """Artifactory repository for the report."""


class DeployJob(Record):
    """Bring a bundle to one cluster under a warrant, or back to its predecessor when it does not serve."""

    kind: Literal["deploy"] = "deploy"
    story: StoryKey
    bundle: Bundle
    environment: Environment
    cluster: Cluster
    components: list[Component]
    warrant: SignedWarrant
    predecessors: dict[str, Bundle]
    """Predecessor bundles by their SHA-256, for the rollback."""
    registry: str
    """Host and port images are pulled from."""


class SuiteJob(Record):
    """Check out the bundle's commit of a component and run one of its suites against an environment."""

    kind: Literal["suite"] = "suite"
    story: StoryKey
    component: Component
    commit: Commit
    bundle: Sha256
    environment: str
    name: str
    suite: Suite
    report_repository: str


class SelectJob(Record):
    """Check out what runs of a component and list the cases of its nightly suites."""

    kind: Literal["regression_select"] = "regression_select"
    component: Component
    commit: Commit
    bundle: Sha256
    environment: str


class NightTarget(Record):
    """A component as a regression pod finds it: what it is, and which commit brought its suites."""

    component: Component
    commit: Commit


class RegressionJob(Record):
    """Pull cases from the night's queue, which the notary hands out by ticket, until none is left."""

    kind: Literal["regression"] = "regression"
    run: str
    """The night: `dag_id/run_id`."""
    environment: str
    pod: int = Field(ge=0)
    """Which of the night's pods this is."""
    targets: list[NightTarget]
    rule: RegressionRule


class CodeTarget(Record):
    """A component whose code is looked at, and the commit at which it was looked at last."""

    component: Component
    commit: Commit
    since: Commit | None = None
    commits: list[ObservedCommit] = Field(default_factory=list)
    """Those since then, as the code host names them."""


class CodeJob(Record):
    """Check out each component's lasting branch: count lines, list the commits that are new."""

    kind: Literal["observe_code"] = "observe_code"
    targets: list[CodeTarget]


class RollupJob(Record):
    """Make facts and figures of the ledger's rows, validate and publish them."""

    kind: Literal["rollup"] = "rollup"
    run: str
    mode: Literal["incremental", "full"]
    production: str
    rates: Rates


AnyJob: TypeAlias = ScanJob | DeployJob | SuiteJob | SelectJob | RegressionJob | CodeJob | RollupJob
AnyResult: TypeAlias = (
    ScanReport | DeployReport | SuiteReport | Selection | RegressionReport | CodeReport | RollupReport
)

Job = Annotated[AnyJob, Field(discriminator="kind")]
JOB: TypeAdapter[AnyJob] = TypeAdapter(Job)

RESULT_OF: dict[str, type[AnyResult]] = {
    "scan": ScanReport,
    "deploy": DeployReport,
    "suite": SuiteReport,
    "regression_select": Selection,
    "regression": RegressionReport,
    "observe_code": CodeReport,
    "rollup": RollupReport,
}
"""Job kind → the record its pod posts."""


def job_id(run: str, task: str, job: AnyJob) -> str:
    """Names a job: the same work of the same task is the same job."""
    return content_hash({"run": run, "task": task, "job": job.document()})


class Ticket(Record):
    """What a task hands to a pod: the secret, and the id under which the result will lie."""

    job: str
    token: str | None
    """None when the result is there already: no pod is needed."""
