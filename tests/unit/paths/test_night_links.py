"""A night's report is kept by hash and told on every story that it tested, once for each bundle."""

from __future__ import annotations

from dataclasses import dataclass, field

from builders import HASH, a_story, the_catalogue
from hummingbird.core.artifact import Package
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.regression import CaseOutcome, NightReport
from hummingbird.core.story import StoryKey
from hummingbird.paths.night import keep_night, sentence_of
from hummingbird.paths.night_links import reader_of, tell_stories
from unit.reports.nights import READER, a_case, a_night, a_plan
from world_in_memory import MemoryStores, MemoryTracker

RUN_PAGE = "https://airflow.example/dags/nightly_regression/runs/x"
STORED = StoredNight(
    report_url="https://packages.example/night.html",
    report_sha256=HASH,
    junit_url="https://packages.example/junit.xml",
    junit_sha256=HASH,
)


class StrictTracker(MemoryTracker):
    """Refuses links on stories it does not know, as Jira does."""

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        self.story(key)
        super().link_once(key, identity, url, title)


@dataclass
class Shelf(MemoryStores):
    """Keeps what is put."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, repository: str, path: str, content: bytes, content_type: str) -> str:
        self.kept[path] = content
        return self.page(repository, path)

    def read(self, package: Package) -> bytes:
        return self.kept[package.path]

    def page(self, repository: str, path: str) -> str:
        return f"https://packages.example/{repository}/{path}"

    def copy(self, package: Package, target_repository: str) -> Package:
        raise AssertionError(f"{package.path} is copied to {target_repository}: no report is")


def a_tracker() -> StrictTracker:
    tracker = StrictTracker()
    tracker.add(a_story("HB-101"))
    return tracker


def told(tracker: MemoryTracker, report: NightReport) -> dict[tuple[str, str], str]:
    tell_stories(tracker, report, READER, STORED)
    return tracker.links


def test_every_story_has_one_link_a_bundle_that_a_later_night_brings_up_to_date() -> None:
    tracker = a_tracker()
    tracker.add(a_story("HB-103"))
    plan = a_plan("order-gateway")
    told(tracker, a_night(a_case(CaseOutcome.FAILED), plan=plan))
    links = told(tracker, a_night(a_case(), a_case(CaseOutcome.FLAKY, "b.py::test"), plan=plan))
    identity = f"hummingbird:night:test:order-gateway:{HASH[:12]}"
    assert set(links) == {("HB-101", identity), ("HB-103", identity)}
    assert links["HB-101", identity] == (
        "Nightly regression of order-gateway 1.1.0 in test, 2026-11-23: 1 of 2 passed, 1 flaky "
        "https://packages.example/night.html"
    )
    other = plan.components[0].model_copy(update={"bundle": "c" * 64})
    told(tracker, a_night(a_case(), plan=plan.model_copy(update={"components": [other]})))
    assert len([key for key, _ in links if key == "HB-101"]) == 2


def test_the_day_is_the_reader_s_day_as_on_the_page() -> None:
    report = a_night(a_case(), plan=a_plan("order-gateway"))
    evening = report.opened_at.replace(hour=17, minute=30)
    (title,) = told(a_tracker(), report.model_copy(update={"opened_at": evening})).values()
    assert evening.day == 23
    assert ", 2026-11-24:" in title


def test_a_story_that_is_gone_keeps_no_other_from_hearing() -> None:
    tracker = a_tracker()
    report = a_night(a_case(), plan=a_plan("order-gateway"))
    assert report.plan.components[0].stories == ["HB-101", "HB-103"]
    assert {key for key, _ in told(tracker, report)} == {"HB-101"}
    reader = reader_of(the_catalogue(), tracker, report, RUN_PAGE)
    assert reader.stories == {"HB-101": "https://jira.example/browse/HB-101"}


def test_the_page_is_told_in_the_schedule_s_zone_with_the_catalogue_s_titles() -> None:
    reader = reader_of(the_catalogue(), a_tracker(), a_night(a_case()), RUN_PAGE)
    assert (reader.zone, reader.run_page) == ("Asia/Shanghai", RUN_PAGE)
    assert reader.titles["order-gateway"] == "委托网关"
    unscheduled = the_catalogue().model_copy(update={"schedules": {}})
    assert reader_of(unscheduled, a_tracker(), a_night(), RUN_PAGE).zone == "UTC"


def test_page_and_junit_file_lie_in_one_folder_under_their_hashes_and_the_page_links_the_other() -> None:
    shelf = Shelf()
    report = a_night(a_case())
    stored = keep_night(shelf, report, READER)
    page_path, junit_path = (
        next(path for path in shelf.kept if path.endswith(end)) for end in (".html", ".xml")
    )
    assert page_path.rpartition("/")[0] == junit_path.rpartition("/")[0]
    assert stored.report_sha256 == sha256_hex(shelf.kept[page_path])
    assert stored.junit_sha256 == sha256_hex(shelf.kept[junit_path])
    assert f'href="{junit_path.rpartition("/")[2]}"'.encode() in shelf.kept[page_path]
    assert keep_night(shelf, report, READER) == stored
    assert len(shelf.kept) == 2


def test_the_run_says_what_is_new_and_for_which_stories() -> None:
    report = a_night(a_case(), a_case(CaseOutcome.FAILED, "a.py::C::test_new"))
    assert sentence_of(report) == (
        "test: 1 of 2 passed, 1 failed; newly failing: test_new of order-gateway (HB-101)"
    )
    assert sentence_of(a_night(a_case())) == "test: 1 of 1 passed"
