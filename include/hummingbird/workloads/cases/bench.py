"""A pod's work bench in a night: checkouts and sessions, made when the first of their cases comes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hummingbird.core.job import NightTarget, RegressionJob
from hummingbird.core.regression import Attempt, Case, CaseOutcome, CaseResult, verdict_on
from hummingbird.workloads.cases.registry import runner_of
from hummingbird.workloads.cases.runner import Beat, CaseSession, SuitePlace
from hummingbird.workloads.checkout import fetch
from hummingbird.workloads.mounted import GitlabAccess, access

AGAIN = (CaseOutcome.FAILED, CaseOutcome.ERROR)
"""What is tried again. A case that hung has had its time of the night."""


class Bench:
    """Runs cases of any component of the job; `close` ends what was started."""

    def __init__(self, job: RegressionJob, scratch: Path, pod: str, services: Mapping[str, str]) -> None:
        self._targets = {target.component.name: target for target in job.targets}
        self._rule = job.rule
        self._scratch = scratch
        self._pod = pod
        self._services = services
        self._checkouts: dict[str, Path] = {}
        self._sessions: dict[tuple[str, str], CaseSession] = {}

    def run(self, case: Case, beat: Beat) -> CaseResult:
        """Run a case as often as the rule says; every try is kept. Raises what a checkout raises."""
        target = self._targets[case.component]
        suite = target.component.suites[case.suite]
        seconds = suite.case_timeout_seconds or self._rule.case_timeout_seconds
        session = self._session(target, case.suite)
        attempts: list[Attempt] = []
        for _ in range(self._rule.tries):
            attempts.append(session.run(case.name, float(seconds), beat))
            if attempts[-1].outcome not in AGAIN:
                break
        outcome = verdict_on(attempts)
        return CaseResult(
            outcome=outcome,
            seconds=round(sum(attempt.seconds for attempt in attempts), 3),
            attempts=attempts,
            message=_message(outcome, attempts),
        )

    def close(self) -> None:
        """End every session."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _session(self, target: NightTarget, name: str) -> CaseSession:
        component = target.component
        found = self._sessions.get((component.name, name))
        if found is None:
            own = self._scratch / f"suite-{len(self._sessions)}"
            own.mkdir()
            suite = component.suites[name]
            place = SuitePlace(
                checkout=self._checkout(target), suite=suite, scratch=own, environment=self._services
            )
            found = runner_of(suite.kind).open(place, self._pod)
            self._sessions[component.name, name] = found
        return found

    def _checkout(self, target: NightTarget) -> Path:
        component = target.component
        if component.name not in self._checkouts:
            own = self._scratch / f"source-{len(self._checkouts)}"
            own.mkdir()
            reach = access("gitlab", GitlabAccess)
            checkout = fetch(reach, component.gitlab_project, target.commit, None, own)
            self._checkouts[component.name] = checkout.folder
        return self._checkouts[component.name]


def _message(outcome: CaseOutcome, attempts: list[Attempt]) -> str:
    if outcome is CaseOutcome.FLAKY:
        bad = next(attempt for attempt in attempts if attempt.outcome is not CaseOutcome.PASSED)
        return f"passed at try {len(attempts)}; before that: {bad.message}"[:300]
    return attempts[-1].message
