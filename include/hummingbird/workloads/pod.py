"""A pod's frame: fetch the job by ticket, work in a scratch folder, post the result."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hummingbird.clients.retrying import PATIENT, Retrying
from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid
from hummingbird.core.job import CodeJob, DeployJob, RegressionJob, RollupJob, ScanJob, SelectJob, SuiteJob
from hummingbird.core.record import Record
from hummingbird.workloads.mounted import setting
from hummingbird.workloads.progress import say

OneJob = TypeVar("OneJob", ScanJob, DeployJob, SuiteJob, SelectJob, RegressionJob, CodeJob, RollupJob)


def ticket(retrying: Retrying = PATIENT) -> JobTicket:
    """The ticket this pod was started with."""
    return JobTicket(setting("HB_NOTARY_URL"), setting("HB_TICKET"), retrying=retrying)


def work(form: type[OneJob], do: Callable[[OneJob, JobTicket, Path], Record]) -> None:
    """Do the ticket's job and post what comes out; Invalid when the ticket is for another kind of job."""
    own = ticket()
    try:
        job = own.job()
        if not isinstance(job, form):
            raise Invalid(f"the ticket is for a {job.kind} job, this pod does {form.__name__}s")
        with tempfile.TemporaryDirectory(prefix="job-") as scratch:
            result = do(job, own, Path(scratch))
        own.post(result)
        say("result posted")
    finally:
        own.close()
