"""The rollup workload: the ledger's rows become facts and figures, validated, then published or withheld."""

from __future__ import annotations

from pathlib import Path

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid
from hummingbird.core.job import RollupJob
from hummingbird.core.metric import RollupReport
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.workloads.mounted import MetricsAccess, access
from hummingbird.workloads.pod import work
from hummingbird.workloads.progress import say
from hummingbird.workloads.rolling.roll_up import Rollup, roll_up
from hummingbird.workloads.rolling.validating import GreatExpectations


def main(arguments: list[str]) -> int:
    """Do the ticket's rollup; 0 when its report is posted, also of one that was withheld."""
    if arguments:
        raise Invalid(f"rollup takes its job from the ticket, not from arguments: {arguments[0]}")
    work(RollupJob, rollup)
    return 0


def rollup(job: RollupJob, _: JobTicket, scratch: Path) -> RollupReport:
    """Roll up as the job asks, with Great Expectations as the judge."""
    say(f"{job.mode} rollup of the ledger")
    asked = Rollup(mode=job.mode, rates=job.rates, production=job.production, run=job.run)
    report = roll_up(access("metrics", MetricsAccess).dsn, asked, GreatExpectations(), scratch)
    say(outcome_line(Outcome.DONE, sentence(report)))
    return report


def sentence(report: RollupReport) -> str:
    """What became of it, for people."""
    told = f"{report.mode} rollup up to row {report.height} in {report.seconds:.1f} s"
    if report.state == "withheld":
        return f"{told} was withheld, the figures before it stay: {report.why}"
    return f"{told}: {report.figures} figures made anew"
