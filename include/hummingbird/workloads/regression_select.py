"""The selecting workload of a night: lists every case of one component's nightly suites at its commit."""

from __future__ import annotations

import os
from pathlib import Path

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid
from hummingbird.core.job import SelectJob
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.regression import SelectedCase, Selection
from hummingbird.workloads.cases.registry import runner_of
from hummingbird.workloads.cases.runner import SuitePlace
from hummingbird.workloads.checkout import fetch
from hummingbird.workloads.mounted import GitlabAccess, access
from hummingbird.workloads.pod import work
from hummingbird.workloads.progress import say
from hummingbird.workloads.suite import service_environment


def main(arguments: list[str]) -> int:
    """Do the ticket's selection; 0 when it is posted."""
    if arguments:
        raise Invalid(f"regression_select takes its job from the ticket, not from arguments: {arguments[0]}")
    work(SelectJob, select)
    return 0


def select(job: SelectJob, _: JobTicket, scratch: Path) -> Selection:
    """Check out the commit and have each suite's runner name its cases."""
    component = job.component
    checkout = fetch(access("gitlab", GitlabAccess), component.gitlab_project, job.commit, None, scratch)
    services = service_environment(dict(os.environ))
    suites: dict[str, list[SelectedCase]] = {}
    for name, suite in component.nightly_suites.items():
        own = scratch / f"suite-{len(suites)}"
        own.mkdir()
        place = SuitePlace(checkout=checkout.folder, suite=suite, scratch=own, environment=services)
        suites[name] = runner_of(suite.kind).select(place)
        for one in suites[name]:
            if one.problem is not None:
                say(f"{component.name}/{name}: {one.name}: {one.problem}")
        say(f"{component.name}/{name}: {len(suites[name])} cases")
    total = sum(len(listed) for listed in suites.values())
    say(outcome_line(Outcome.DONE, f"{component.name} {job.commit[:12]}: {total} cases selected"))
    return Selection(component=component.name, commit=job.commit, bundle=job.bundle, suites=suites)
