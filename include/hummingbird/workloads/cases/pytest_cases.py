"""Cases under pytest: one long-lived process a suite, fed with names, ended and begun anew when one hangs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pydantic import ValidationError

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Invalid
from hummingbird.core.regression import LONGEST_NAME, Attempt, CaseOutcome, SelectedCase
from hummingbird.workloads.cases.pipe import Broken, Silent
from hummingbird.workloads.cases.pytest_process import COLLECT_SECONDS, PytestProcess, tests_folder
from hummingbird.workloads.cases.runner import Beat, CaseSession, SuitePlace, TakenAway, unwatched

MOST_OF_A_MESSAGE, LONGEST_LOG, MOST_REQUESTS = 300, 16000, 100
_UNCOLLECTED = f"its tests were not collected within {COLLECT_SECONDS:.0f} s"


class PytestCases:
    """Runs unittest, ddt and pytest cases; their node ids are the names."""

    def select(self, place: SuitePlace) -> list[SelectedCase]:
        """Collect without running."""
        try:
            tests_folder(place)
        except Invalid as error:
            return [SelectedCase(name=place.suite.path, problem=str(error))]
        process = PytestProcess(place)
        try:
            told = process.collected(unwatched)
        except Silent:
            return [SelectedCase(name=place.suite.path, problem=_UNCOLLECTED)]
        except Broken as error:
            why = f"its tests could not be collected: pytest ended {process.end_of(error)}"
            return [SelectedCase(name=place.suite.path, problem=why[:MOST_OF_A_MESSAGE])]
        finally:
            process.close()
        found = [_selected(str(name)) for name in told["cases"]]
        found += [_selected(str(name), str(why)) for name, why in told["problems"].items()]
        return found or [SelectedCase(name=place.suite.path, problem=f"{place.suite.path} holds no test")]

    def open(self, place: SuitePlace, pod: str) -> CaseSession:
        """A session; pytest starts with its first case."""
        return PytestSession(place, pod)


class PytestSession:
    """One suite's process, from case to case; after a case that hung or killed it, a fresh one."""

    def __init__(self, place: SuitePlace, pod: str) -> None:
        self._place = place
        self._pod = pod
        self._process: PytestProcess | None = None

    def run(self, name: str, seconds: float, beat: Beat) -> Attempt:
        """Run one case. Raises TakenAway from the beat; the process, at work on the case, is ended then."""
        began, started_at = time.monotonic(), datetime.now(UTC)
        try:
            process = self._ready(beat)
            began, started_at = time.monotonic(), datetime.now(UTC)
            told = process.run(name, seconds, beat)
            return _bounded(Attempt.model_validate({**told, "started_at": started_at, "pod": self._pod}))
        except TakenAway:
            self.close()
            raise
        except Silent:
            outcome, message = CaseOutcome.TIMED_OUT, f"it did not end within {seconds:g} s and was stopped"
            log = self._process.abort() if self._process else ""
        except (Broken, ValidationError) as error:
            outcome, message, log = CaseOutcome.ERROR, *self._death(error)
        took = round(time.monotonic() - began, 3)
        self.close()
        return Attempt(
            outcome=outcome,
            started_at=started_at,
            seconds=took,
            pod=self._pod,
            message=message[:MOST_OF_A_MESSAGE],
            log=log,
        )

    def close(self) -> None:
        """End the process and all that it started."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _ready(self, beat: Beat) -> PytestProcess:
        if self._process is None:
            self._process = PytestProcess(self._place)
            try:
                self._process.collected(beat)
            except Silent as error:
                raise Broken(_UNCOLLECTED) from error
        return self._process

    def _death(self, error: Broken | ValidationError) -> tuple[str, str]:
        """Why the process gave no verdict, and its last words."""
        if self._process is None or isinstance(error, ValidationError):
            return "its process gave an answer that is no result", ""
        return f"its process ended {self._process.end_of(error)}", self._process.last_words()


def _bounded(attempt: Attempt) -> Attempt:
    """The plugin cuts what it tells, but it lives in one process with the code under test."""
    return attempt.model_copy(
        update={
            "message": attempt.message[:MOST_OF_A_MESSAGE],
            "log": attempt.log[-LONGEST_LOG:],
            "requests": attempt.requests[-MOST_REQUESTS:],
        }
    )


def _selected(name: str, problem: str | None = None) -> SelectedCase:
    told = problem[:MOST_OF_A_MESSAGE] if problem else None
    if len(name) <= LONGEST_NAME:
        return SelectedCase(name=name, problem=told)
    short = f"{name[: LONGEST_NAME - 20]}…{sha256_hex(name.encode())[:12]}"
    return SelectedCase(name=short, problem=f"its name has {len(name)} characters; {LONGEST_NAME} at most")
