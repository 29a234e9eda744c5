"""A component with branches, its deliveries, and what the ledger knows of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from builders import NOW, a_bundle, a_component, a_story, the_catalogue
from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.finishing import Return
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.paths.admit import Refusal, Request, record
from hummingbird.paths.admit_prod import admit_prod
from hummingbird.paths.admit_test import admit_test
from hummingbird.paths.finish import finish
from hummingbird.paths.hotfix import keeps_hotfixes
from world_in_memory import MemoryCode, MemoryNotary, MemorySettings, MemoryTracker

CATALOGUE = the_catalogue()


@dataclass
class Releases:
    """Stories HB-101 to HB-109 are deliverable; master and develop begin at one commit."""

    catalogue: Catalogue = CATALOGUE
    tracker: MemoryTracker = field(default_factory=MemoryTracker)
    code: MemoryCode = field(default_factory=MemoryCode)
    notary: MemoryNotary = field(default_factory=MemoryNotary)

    def __post_init__(self) -> None:
        self.tracker.add(*(a_story(f"HB-{number}") for number in range(101, 110)))
        self.code.write("master", "first")
        self.code.heads["develop"] = self.code.heads["master"]

    def test(self, story: str, run: str = "r1") -> Plan | Refusal:
        """Ask at the door of test_deploy, and keep what it says."""
        request = Request(dag_id="test_deploy", run_id=run, story=story, requester="release_manager")
        asked = admit_test(self.catalogue, self.tracker, self.code, MemorySettings(), self.notary, request)
        decided = keeps_hotfixes(self.catalogue, self.code, self.notary, asked)
        record(self.notary, request, decided)
        return decided

    def prod(self, story: str, run: str = "p1") -> Plan | Refusal:
        """Ask at the door of prod_deploy."""
        request = Request(dag_id="prod_deploy", run_id=run, story=story, requester="release_manager")
        asked = admit_prod(self.catalogue, self.tracker, self.notary, request)
        return keeps_hotfixes(self.catalogue, self.code, self.notary, asked)

    def tested(self, story: str, version: str, *, branch: str = "") -> Bundle:
        """A bundle of the story that ran in test; by its plan it came from the branch."""
        plan = self.test(story, f"{story}.{version}")
        assert isinstance(plan, Plan), plan
        (planned,) = plan.components
        assert not branch or planned.branch == branch
        carried = a_component(version=version, commit=planned.commit, stories=[story])
        bundle = a_bundle(carried, story=story)
        self.deployed(bundle, "test", ["test"])
        return bundle

    def delivered(self, story: str, version: str) -> Bundle:
        """The same, and it serves in production everywhere."""
        bundle = self.tested(story, version)
        self.deployed(bundle, "prod", self.catalogue.production.clusters)
        return bundle

    def finish(self, bundle: Bundle, run: str = "prod_deploy/p1") -> dict[str, Return]:
        """Finish it: what became of each target."""
        returns, _ = finish(self.catalogue, self.code, self.tracker, self.notary, bundle, run)
        return {each.target: each for each in returns}

    def kinds(self) -> list[str]:
        """Short names of what finishing recorded."""
        wanted = (EventKind.RELEASE_TAGGED, EventKind.CHANGE_MERGED, EventKind.CHANGE_LEFT_OPEN)
        return [r.event.kind.name for r in self.notary.events(kinds=wanted)]

    def deployed(self, bundle: Bundle, environment: str, clusters: list[str]) -> None:
        """Record that a bundle serves in clusters of an environment."""
        self.notary.bundles[bundle.sha256] = bundle
        for cluster in clusters:
            report = DeployReport(
                bundle=bundle.sha256,
                environment=environment,
                cluster=cluster,
                warrant="w",
                outcome=DeployOutcome.DEPLOYED,
                reason="ok",
                started_at=NOW,
                finished_at=NOW,
            )
            self.notary.append(
                DeliveryEvent(
                    kind=EventKind.DEPLOYMENT_FINISHED,
                    key=f"job:{len(self.notary.recorded)}",
                    subject=bundle.sha256,
                    story=bundle.story,
                    bundle=bundle.sha256,
                    environment=environment,
                    cluster=cluster,
                    actor="job:x",
                    data={"report": report.document()},
                )
            )


def admitted(outcome: Plan | Refusal) -> Plan:
    """The plan, which was not refused."""
    assert isinstance(outcome, Plan), outcome
    return outcome


def planned(outcome: Plan | Refusal) -> PlannedComponent:
    """The one component of an admitted plan."""
    return admitted(outcome).components[0]


def refused(outcome: Plan | Refusal) -> str:
    """The sentence of a refusal."""
    assert isinstance(outcome, Refusal), outcome
    return outcome.why
