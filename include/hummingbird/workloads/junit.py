"""Reading a JUnit XML report: totals, and every failure in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from hummingbird.core.errors import Garbled
from hummingbird.core.finding import TestCounts
from hummingbird.workloads.process import Ended

LARGEST = 32 * 1024 * 1024
MOST_FAILURES = 50
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class TestRun:
    """Counts, failures as sentences, and seconds."""

    __test__ = False
    counts: TestCounts
    failures: list[str]
    seconds: float


def together(runs: list[TestRun]) -> TestRun:
    """Several runs as one."""
    counts = TestCounts(
        total=sum(one.counts.total for one in runs),
        failed=sum(one.counts.failed for one in runs),
        skipped=sum(one.counts.skipped for one in runs),
    )
    return TestRun(counts, [line for one in runs for line in one.failures], sum(one.seconds for one in runs))


def broken(sentence: str, ended: Ended) -> TestRun:
    """A run that came to nothing: one failure, in a sentence with the end of what was said."""
    counts = TestCounts(total=1, failed=1, skipped=0)
    return TestRun(counts, [f"{sentence}: {ended.end}"], ended.seconds)


def read_junit(path: Path) -> TestRun:
    """Read a report; raises Garbled when it is absent, too large, or no JUnit."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise Garbled("the test run left no report of usable size")
    try:
        content = path.read_text("utf-8")
        if "<!DOCTYPE" in content or "\0" in content:
            raise Garbled("the test report declares a document type; JUnit has none")
        root = ElementTree.fromstring(content)  # noqa: S314 - without a document type there are no entities
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise Garbled(f"the test report is not XML: {error}") from error
    cases = list(root.iter("testcase"))
    failures = [sentence for case in cases if (sentence := _failure(case))]
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    if len(failures) > MOST_FAILURES:
        rest = len(failures) - MOST_FAILURES
        shown = [*failures[:MOST_FAILURES], f"and {rest} more"]
    else:
        shown = failures
    counts = TestCounts(total=len(cases), failed=len(failures), skipped=skipped)
    return TestRun(counts, shown, sum(_seconds(case) for case in cases))


def _failure(case: ElementTree.Element) -> str | None:
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            name = ".".join(part for part in (case.get("classname"), case.get("name")) if part)
            message = " ".join(_words(found, kind).split())
            return f"{name}: {message}"[:LONGEST_SENTENCE]
    return None


def _words(found: ElementTree.Element, kind: str) -> str:
    """The message; where pytest only says that collecting failed, the error lines of its text."""
    message = found.get("message") or ""
    errors = [line[1:] for line in (found.text or "").splitlines() if line.startswith("E ")]
    if errors and message in ("", "collection failure"):
        return " ".join(errors)
    return message or found.text or kind


def _seconds(case: ElementTree.Element) -> float:
    try:
        return float(case.get("time") or 0)
    except ValueError:
        return 0.0
