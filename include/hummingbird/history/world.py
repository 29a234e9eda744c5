"""What the deliveries of one history share, and how each item of an agenda is played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.gitflow import BranchKind
from hummingbird.core.observation import IncidentObserved
from hummingbird.history.agenda import Cut, Push
from hummingbird.history.chance import Chance
from hummingbird.history.delivery import Delivery
from hummingbird.history.fates import Fate
from hummingbird.history.firm import holders
from hummingbird.history.lane import Lane, Stories
from hummingbird.history.nights import night
from hummingbird.history.observing import Unseen, morning
from hummingbird.history.pushes import develop
from hummingbird.history.releases import Release
from hummingbird.history.runs import Door
from hummingbird.history.told import Moment, Told
from hummingbird.history.working_time import WorkingTime

_NIGHT, _MORNING = 1.5, 6.0
"""When regression and collection begin, by the clock in Shanghai."""
_OUTAGES = 0.0008
"""Of one component, a morning."""


@dataclass
class World:
    """Where everything stands while a history is invented."""

    seed: int
    maker: str
    catalogue: Catalogue
    office: WorkingTime
    lanes: dict[str, Lane]
    unseen: Unseen
    stories: Stories = field(default_factory=Stories)
    serial: count[int] = field(default_factory=count)

    def play(self, item: Push | Cut, lanes: list[Lane], at: datetime) -> list[Moment]:
        """One item of an agenda; the lanes are busy with it until it is over."""
        way = self._way(f"delivery/{next(self.serial)}")
        done = (
            develop(way, lanes[0], self.stories, at)
            if isinstance(item, Push)
            else self._cut(way, lanes, item, at)
        )
        for lane in lanes:
            lane.free_at = done + timedelta(seconds=1)
        return way.told.moments

    def routine(self) -> Iterator[tuple[datetime, bool]]:
        """Nights and mornings of the trading days, in order; whether it is a night."""
        for day in self.office.days[1:]:
            yield self.office.at(day, _NIGHT), True
            yield self.office.at(day, _MORNING), False

    def rest(self, at: datetime, *, is_night: bool) -> list[Moment]:
        """One night, or what is collected one morning."""
        way = self._way(f"{'night' if is_night else 'morning'}/{at.isoformat()}")
        if is_night:
            night(way, self.lanes.values(), at)
        else:
            run = f"metric_rollup/scheduled__{at.isoformat()}"
            self._outage(way.chance, at)
            morning(way.told, self.unseen, at + timedelta(seconds=20), run)
        return way.told.moments

    def _outage(self, chance: Chance, at: datetime) -> None:
        """Now and then something was wrong that no delivery caused."""
        if not chance.happens(_OUTAGES * len(self.lanes)):
            return
        began = at - timedelta(hours=chance.between(8.0, 14.0))
        resolved = began + timedelta(seconds=chance.around(2400.0, 0.7))
        incident = IncidentObserved(
            incident=self.stories.new(chance).key,
            component=chance.one_of(sorted(self.lanes)),
            began_at=began,
            resolved_at=resolved,
        )
        self.unseen.went_wrong(incident, began)

    def _cut(self, way: Delivery, lanes: list[Lane], item: Cut, at: datetime) -> datetime:
        lead = lanes[0].under_way[-1].story if lanes[0].under_way else self.stories.new(way.chance)
        changes = {lane.name: lane.under_way for lane in lanes}
        for lane in lanes:
            lane.under_way = []
        versions = {lane.name: lane.next_version(hotfix=False) for lane in lanes}
        asking = way.chance.one_of(holders("release_manager"))
        release = Release(way, lanes, self.stories, BranchKind.RELEASE, changes, versions, {}, lead, asking)
        ready = release.cut(at)
        if item.fate is not Fate.AWAITS_TEST and way.chance.happens(0.5):
            ready = self.office.after_work(ready, way.chance.around(3600.0, 0.8))
        return release.play(item.fate, ready + timedelta(minutes=4))

    def _way(self, part: str) -> Delivery:
        told = Told(self.maker)
        door = Door(told, self.catalogue.policy_version)
        return Delivery(told, door, Chance(self.seed, part), self.office, self.catalogue, self.unseen)
