"""A night and its stories: addresses that its page needs, and its report on every story that it tested."""

from __future__ import annotations

from contextlib import suppress

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import NotFound
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.ports import Tracker
from hummingbird.core.regression import NightReport, totals_of
from hummingbird.core.story import StoryKey
from hummingbird.reports.night_words import Reader

PATH = "nightly_regression"


def reader_of(catalogue: Catalogue, tracker: Tracker, report: NightReport, run_page: str) -> Reader:
    """What the page shows beside the night's own record; times are told in the schedule's zone."""
    schedule = catalogue.schedules.get(PATH)
    return Reader(
        zone=schedule.timezone if schedule else "UTC",
        titles={name: component.title for name, component in catalogue.components.items()},
        stories=_pages(tracker, report),
        run_page=run_page,
    )


def tell_stories(tracker: Tracker, report: NightReport, reader: Reader, stored: StoredNight) -> None:
    """The newest night of each bundle on each of its stories: one link, brought up to date."""
    day = reader.time(report.opened_at)[:10]
    for component in report.plan.components:
        its = [one for one in report.cases if one.case.component == component.name]
        totals = totals_of(one.result.outcome if one.result else None for one in its)
        place = f"{component.name} {component.version} in {report.plan.environment}"
        title = f"Nightly regression of {place}, {day}: {totals.sentence}"
        identity = f"hummingbird:night:{report.plan.environment}:{component.name}:{component.bundle[:12]}"
        for key in component.stories:
            with suppress(NotFound):  # a story that was moved or deleted since
                tracker.link_once(key, identity, stored.report_url, title)


def _pages(tracker: Tracker, report: NightReport) -> dict[StoryKey, str]:
    found = {}
    for key in sorted({key for component in report.plan.components for key in component.stories}):
        with suppress(NotFound):  # its key stands without a link
            found[key] = tracker.story(key).url
    return found
