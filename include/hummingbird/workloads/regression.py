"""The regression workload: pulls cases from the night's queue, runs each, reports it, until none is left.

The notary hands out the queue by this pod's ticket. A pod that dies leaves nothing behind: what it had
comes back when its lease ends, what it reported is kept.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from hummingbird.clients.retrying import Retrying
from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid, Retryable
from hummingbird.core.job import RegressionJob
from hummingbird.core.night_queue import DoneCase, HandedCase
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.regression import RegressionReport
from hummingbird.workloads.cases.bench import Bench
from hummingbird.workloads.cases.runner import TakenAway
from hummingbird.workloads.pod import ticket, work
from hummingbird.workloads.progress import say
from hummingbird.workloads.suite import service_environment

BRIEF = Retrying(attempts=2, patience=3.0)
"""For saying that a pod is alive: said late it is of no use, and the case must be watched meanwhile."""


def main(arguments: list[str]) -> int:
    """Pull until the night is over; 0 when the report is posted."""
    if arguments:
        raise Invalid(f"regression takes its job from the ticket, not from arguments: {arguments[0]}")
    work(RegressionJob, regression)
    return 0


def regression(job: RegressionJob, queue: JobTicket, scratch: Path) -> RegressionReport:
    """Case after case; this pod's own part of the night is what comes back."""
    pod = os.environ.get("HOSTNAME") or socket.gethostname()  # Kubernetes names a container after its pod
    bench = Bench(job, scratch, pod, service_environment(dict(os.environ)))
    pulse = Pulse(ticket(BRIEF), job.rule.lease_seconds / 3)
    began, busy, cases, taken_away = time.monotonic(), 0.0, 0, 0
    done: DoneCase | None = None
    try:
        while not (answer := queue.next_case(done)).over:
            taken_away += not answer.accepted
            done = None
            if answer.handed is None:
                time.sleep(answer.again_seconds)  # other pods' ends are events of the notary, which we ask
                continue
            started = time.monotonic()
            done = _run(bench, pulse, answer.handed)
            busy += time.monotonic() - started
            cases, taken_away = cases + (done is not None), taken_away + (done is None)
        taken_away += not answer.accepted
    finally:
        bench.close()
        pulse.close()
    seconds = time.monotonic() - began
    say(outcome_line(Outcome.DONE, f"pod {job.pod} ran {cases} cases in {seconds:.0f} s, {busy:.0f} s busy"))
    return RegressionReport(
        run=job.run,
        pod=pod,
        cases=cases,
        taken_away=taken_away,
        busy_seconds=round(busy, 3),
        seconds=round(seconds, 3),
    )


class Pulse:
    """Keeps the lease of the case at hand, now and then."""

    def __init__(self, keeper: JobTicket, every: float) -> None:
        self._keeper = keeper
        self._every = every
        self._number = 0
        self._last = 0.0

    def begin(self, number: int) -> None:
        """A case was handed out just now."""
        self._number, self._last = number, time.monotonic()

    def beat(self) -> None:
        """Say that the pod is alive when it is time; TakenAway when the case is another pod's."""
        if time.monotonic() - self._last < self._every:
            return
        self._last = time.monotonic()
        try:
            kept = self._keeper.keep_case(self._number)
        except Retryable as error:
            say(f"case {self._number}: its lease could not be kept: {error}")
            return
        if not kept:
            raise TakenAway

    def close(self) -> None:
        """Close its connection."""
        self._keeper.close()


def _run(bench: Bench, pulse: Pulse, handed: HandedCase) -> DoneCase | None:
    """Run what was handed out; None when another pod has it now."""
    case = handed.case
    pulse.begin(handed.number)
    try:
        result = bench.run(case, pulse.beat)
    except TakenAway:
        say(f"{case.component}/{case.suite} {case.name}: given to another pod")
        return None
    said = f"{result.outcome.value} in {result.seconds:.1f} s"
    say(f"{case.component}/{case.suite} {case.name}: {said}{': ' * bool(result.message)}{result.message}")
    return DoneCase(number=handed.number, result=result)
