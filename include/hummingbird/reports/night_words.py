"""The words of a night's report: outcomes, durations, times, and the names of cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from hummingbird.core.regression import RED, CaseOutcome, NightCase
from hummingbird.core.story import StoryKey
from hummingbird.reports.markup import Markup, code, element, link, together

SIGNS: Mapping[CaseOutcome, tuple[str, str, str]] = {
    CaseOutcome.FAILED: ("✗", "failed", "bad"),
    CaseOutcome.TIMED_OUT: ("∞", "timed out", "bad"),
    CaseOutcome.ERROR: ("!", "error", "bad"),
    CaseOutcome.FLAKY: ("~", "flaky", "warn"),
    CaseOutcome.SKIPPED: ("–", "skipped", "quiet"),
    CaseOutcome.PASSED: ("✓", "passed", "good"),
}
"""Sign, word and colour of an outcome, worst first."""
NOT_RUN = ("?", "not executed", "bad")


@dataclass(frozen=True)
class Reader:
    """What a page needs to know of the world: titles, addresses, and the zone its times are told in."""

    zone: str = "UTC"
    titles: Mapping[str, str] = field(default_factory=dict)
    """Component → title."""
    stories: Mapping[StoryKey, str] = field(default_factory=dict)
    """Story → its page."""
    run_page: str | None = None
    """The run in Airflow."""
    junit: str | None = None
    """The JUnit file's name in the same folder."""

    def time(self, moment: datetime | None) -> str:
        """A moment to the second."""
        return f"{moment.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S}" if moment else "–"

    def story_links(self, keys: list[StoryKey]) -> Markup:
        """Stories, each with its page."""
        links = [link(self.stories.get(key), key) for key in keys]
        return Markup(", ".join(links) or "–")


def outcome(kind: CaseOutcome | None) -> Markup:
    """An outcome by sign, word and colour."""
    sign, word, colour = SIGNS[kind] if kind else NOT_RUN
    return element("span", f"{sign} {word}", class_=colour)


def outcome_of(one: NightCase) -> CaseOutcome | None:
    """How a case ended; None when it was not executed."""
    return one.result.outcome if one.result else None


def is_red(one: NightCase) -> bool:
    """Whether it makes the night red; a case that was not executed does."""
    return one.result is None or one.result.outcome in RED


def duration(seconds: float) -> str:
    """A duration as people say it: 0.04 s, 12.3 s, 4 min 05 s, 6 h 12 min."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def case_name(one: NightCase) -> Markup:
    """The case by class and name, without its file where it has one."""
    return code((one.case.name.partition("::")[2] or one.case.name).replace("::", " · "))


def case_place(one: NightCase) -> Markup:
    """Component, suite and file of a case."""
    file, _, name = one.case.name.partition("::")
    return together([f"{one.case.component} · {one.case.suite}", *((" · ", code(file)) if name else ())])
