"""Releases and hotfixes: to test, to production, and what can go wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hummingbird.core.bundle import BundleComponent
from hummingbird.core.gitflow import BranchKind
from hummingbird.core.observation import IncidentObserved
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import PlannedComponent
from hummingbird.core.story import Story
from hummingbird.history.asking import ask
from hummingbird.history.bringing import Bringing, ok
from hummingbird.history.building import hear
from hummingbird.history.deciding import seal
from hummingbird.history.delivery import Delivery
from hummingbird.history.fates import Fate
from hummingbird.history.firm import holders
from hummingbird.history.lane import Change, Lane, Stories
from hummingbird.history.production import Production
from hummingbird.history.pushes import carried, committed, scanned_and_built
from hummingbird.history.runs import Run
from hummingbird.history.scanning import scan, suite
from hummingbird.history.sealed import Sealed

_AT_THE_DOOR = 0.04
"""How often somebody mistypes the story first."""


@dataclass
class Release:
    """One release of one or two components under one story, until it is in production or given up."""

    way: Delivery
    lanes: list[Lane]
    stories: Stories
    kind: BranchKind
    """`release` or `hotfix`."""
    changes: dict[str, list[Change]]
    """Component → what travels."""
    versions: dict[str, str]
    commits: dict[str, str]
    lead: Story
    requester: str
    attempt: int = 0

    def play(self, fate: Fate, at: datetime) -> datetime:
        """All of it; when it was over."""
        if self.way.chance.happens(_AT_THE_DOOR):
            self._refused(at - timedelta(minutes=2))
        bundle, at = self.to_test(at, fate)
        if bundle is None:
            return at
        at = max(at, self._evening(at))
        production = self._production(bundle)
        if fate is Fate.AWAITS_PROD:
            return production.wait(at)
        if fate is Fate.REJECTED:
            at = self.way.office.after_work(production.reject(at), 5400)
        if fate is Fate.CLOUD_GONE:
            return production.bring_in_two_runs(at)
        if fate is Fate.ROLLED_BACK:
            return self._mend(production.fail(at), at)
        at = production.bring(at)
        if fate is Fate.INCIDENT:
            broke = self.way.office.after_work(at, self.way.chance.around(9000.0, 0.7))
            return self._mend(self._incident(broke, production.undo(broke)), broke)
        return at

    def to_test(self, at: datetime, fate: Fate) -> tuple[Sealed | None, datetime]:
        """Until the bundle's suites are green in test; None where people are still asked."""
        bundle, done = self._test_run(at, red=fate is Fate.SUITE_RED, open_still=fate is Fate.AWAITS_TEST)
        if fate is Fate.SUITE_RED:
            pushed = self.way.office.after_work(done, self.way.chance.around(7200.0, 0.6))
            ready = max(self._push(lane, self.lead, pushed) for lane in self.lanes[:1])
            bundle, done = self._test_run(ready + timedelta(minutes=3))
        return (None if fate is Fate.AWAITS_TEST else bundle), done

    def cut(self, at: datetime) -> datetime:
        """The branch is pushed, scanned and built in each repository; when all were ready."""
        return max(self._push(lane, self.lead, at) for lane in self.lanes)

    def branch(self, lane: Lane) -> str:
        """The branch in a component's repository."""
        return f"{self.kind.value}/{self.versions[lane.name]}"

    def planned(self) -> list[PlannedComponent]:
        """The candidates."""
        return [
            PlannedComponent(
                name=lane.name, branch=self.branch(lane), commit=self.commits[lane.name], base=lane.released
            )
            for lane in self.lanes
        ]

    def travelling(self) -> list[Story]:
        """The other stories on the branch."""
        found = {change.story.key: change.story for lane in self.lanes for change in self.changes[lane.name]}
        return [story for key, story in found.items() if key != self.lead.key]

    def _push(self, lane: Lane, story: Story, at: datetime) -> datetime:
        change = next((one for one in self.changes[lane.name] if one.story.key == story.key), None)
        if change is None:
            change = Change(story=story, commits=[], authors=set())
            self.changes[lane.name].append(change)
        before = self.commits.get(lane.name)
        commit = committed(self.way, lane, change, at)
        lane.under_way.remove(change)
        self.commits[lane.name] = commit
        hear(self.way, lane, self.branch(lane), story, commit, before, at)
        planned = PlannedComponent(
            name=lane.name, branch=self.branch(lane), commit=commit, base=before or lane.released
        )
        return scanned_and_built(self.way, lane, story, planned, self.versions[lane.name], at)[1]

    def _test_run(
        self, at: datetime, *, red: bool = False, open_still: bool = False
    ) -> tuple[Sealed, datetime]:
        self.attempt += 1
        environment = self.way.catalogue.environment("test")
        run = self.way.door.admit(
            "test_deploy",
            f"{self.lead.key}.{self.attempt}__test_deploy",
            self.lead,
            at,
            components=self.planned(),
            requester=self.requester,
            environment="test",
            travelling=self.travelling(),
        )
        scanned = max(self._full_scan(run, lane) for lane in self.lanes)
        bundle = Sealed.of(self.lead.key, [self._carried(lane) for lane in self.lanes])
        seal(self.way, run, bundle, scanned + timedelta(seconds=3))
        asked = ask(
            self.way, run, bundle, environment, "deploy", scanned + timedelta(seconds=5),
            open_still=open_still, urgent=self.kind is BranchKind.HOTFIX,
        )  # fmt: skip
        if asked.decided_at is None:
            return bundle, scanned + timedelta(minutes=1)
        bringing = Bringing(self.way, run, bundle, environment, self.lanes, approval=asked.id)
        promoted = bringing.promote(asked.decided_at + timedelta(seconds=16))
        clusters = environment.clusters
        warrant = bringing.permit(clusters, promoted + timedelta(seconds=2))
        served = max(
            bringing.deploy(warrant, cluster, promoted + timedelta(seconds=4)) for cluster in clusters
        )
        names = [lane.name for lane in self.lanes]
        bringing.conclude([ok(cluster, names) for cluster in clusters], served + timedelta(seconds=4))
        tested = max(
            suite(self.way, lane, run, bundle.sha256, served, red=red and lane is self.lanes[0])
            for lane in self.lanes
        )
        why = f"functional of {self.lanes[0].name}: not all passed" if red else None
        self.way.door.finish(
            run, tested + timedelta(seconds=9), Outcome.REFUSED if red else Outcome.DONE, why
        )
        return bundle, tested + timedelta(seconds=10)

    def _full_scan(self, run: Run, lane: Lane) -> datetime:
        child = self.way.door.admit(
            "scan",
            f"{run.plan.run_id}__scan__{lane.name}",
            self.lead,
            run.started_at + timedelta(seconds=5),
            components=[one for one in run.plan.components if one.name == lane.name],
            requester=self.requester,
            mode="full",
            parent=run.as_parent("scan"),
        )
        done = scan(self.way, lane, child, "full")
        self.way.door.finish(child, done + timedelta(seconds=5))
        return done + timedelta(seconds=7)

    def _carried(self, lane: Lane) -> BundleComponent:
        return carried(lane, self.commits[lane.name], self.versions[lane.name], self.changes[lane.name])

    def _mend(self, broken_until: datetime, broke: datetime) -> datetime:
        """A hotfix of the first component: a new story, straight to production."""
        lane = self.lanes[0]
        story = self.stories.new(self.way.chance)
        mend = replace(
            self,
            lanes=[lane],
            kind=BranchKind.HOTFIX,
            changes={lane.name: [*self.changes[lane.name], Change(story, [], set())]},
            versions={lane.name: lane.next_version(hotfix=True)},
            commits={},
            lead=story,
            requester=self.way.chance.one_of(holders("release_manager")),
            attempt=0,
        )
        at = max(broken_until, broke) + timedelta(seconds=self.way.chance.around(3600.0, 0.5))
        bundle, at = mend.to_test(mend.cut(at) + timedelta(minutes=2), Fate.SMOOTH)
        assert bundle is not None, "a hotfix is not left waiting"
        return mend._production(bundle).bring(at + timedelta(minutes=2))

    def _production(self, bundle: Sealed) -> Production:
        urgent = self.kind is BranchKind.HOTFIX
        commits = {
            lane.name: [commit for change in self.changes[lane.name] for commit in change.commits]
            for lane in self.lanes
        }
        return Production(
            self.way,
            self.lanes,
            bundle,
            self.planned(),
            self.lead,
            self.travelling(),
            self.requester,
            commits,
            urgent,
        )

    def _incident(self, broke: datetime, undone: datetime) -> datetime:
        incident = IncidentObserved(
            incident=self.stories.new(self.way.chance).key,
            component=self.lanes[0].name,
            caused_by=self.lead.key,
            began_at=broke,
            resolved_at=undone,
        )
        self.way.unseen.went_wrong(incident, undone)
        return undone

    def _evening(self, at: datetime) -> datetime:
        """Production is brought after the exchange has closed."""
        return self.way.office.after_close(at, self.way.chance.between(0.2, 3.4))

    def _refused(self, at: datetime) -> None:
        wrong = f"{self.lead.key}0000"
        self.way.door.refuse(
            "test_deploy",
            f"{wrong}.1__test_deploy",
            wrong,
            at,
            self.requester,
            f"{wrong} does not exist in the tracker; check the number",
        )
