"""What pods are asked to do, made from frozen plans and sealed bundles."""

from __future__ import annotations

import base64
import json

from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.finding import ScanReport
from hummingbird.core.job import DeployJob, ScanJob, SuiteJob
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary
from hummingbird.core.warrant import SignedWarrant, Warrant
from hummingbird.paths.build import REPORTS


def scan_job(catalogue: Catalogue, plan: Plan, toolbox: str) -> ScanJob:
    """The scan of a plan's one commit; `toolbox` is the image by digest, part of what `same rules` means."""
    planned = plan.components[0]
    component = catalogue.component(planned.name)
    scanners = [name for language in component.languages for name in catalogue.scanners[language]]
    incremental = plan.mode == "incremental" and planned.base is not None
    return ScanJob(
        story=plan.story.key,
        component=component,
        commit=planned.commit,
        mode="incremental" if incremental else "full",
        base=planned.base if incremental else None,
        scanners=list(dict.fromkeys(scanners)),
        baseline=catalogue.baselines.get(component.name),
        baseline_rule=catalogue.baseline,
        rules=content_hash({"scanners": scanners, "toolbox": toolbox}),
        report_repository=REPORTS,
    )


def same_scan(notary: Notary, job: ScanJob, *, any_mode: bool = False) -> tuple[str, ScanReport] | None:
    """A recorded full scan of the same commit by the same rules: (job id, report); None when it must run.

    `any_mode`: an incremental one will do as well, to tell a merge request what is known of its commit.
    """
    if job.mode != "full" and not any_mode:
        return None
    for recorded in reversed(notary.events(kinds=[EventKind.SCAN_FINISHED], component=job.component.name)):
        report = ScanReport.model_validate(recorded.event.data["report"])
        if (
            report.commit == job.commit
            and (report.mode == "full" or any_mode)
            and recorded.event.data.get("rules") == job.rules
        ):
            return recorded.event.actor.removeprefix("job:"), report
    return None


def suite_jobs(catalogue: Catalogue, bundle: Bundle, environment: str) -> list[SuiteJob]:
    """One job for every component and every suite that the environment runs."""
    jobs = []
    for carried in bundle.components:
        component = catalogue.component(carried.name)
        for name in catalogue.environment(environment).suites:
            jobs.append(
                SuiteJob(
                    story=bundle.story,
                    component=component,
                    commit=carried.commit,
                    bundle=bundle.sha256,
                    environment=environment,
                    name=name,
                    suite=component.suites[name],
                    report_repository=REPORTS,
                )
            )
    return jobs


def deploy_job(
    catalogue: Catalogue, notary: Notary, warrant: SignedWarrant, cluster: str, registry: str
) -> DeployJob:
    """The deployment that a warrant permits in a cluster; Invalid for one that it does not name."""
    permitted = open_warrant(warrant)
    if cluster not in permitted.clusters:
        raise Invalid(f"warrant {permitted.id} permits {', '.join(permitted.clusters)}, not {cluster}")
    bundle = notary.bundle(permitted.bundle)
    before = {sha for sha in permitted.predecessors.get(cluster, {}).values() if sha is not None}
    return DeployJob(
        story=permitted.story,
        bundle=bundle,
        environment=catalogue.environment(permitted.environment),
        cluster=catalogue.clusters[cluster],
        components=[catalogue.component(carried.name) for carried in bundle.components],
        warrant=warrant,
        predecessors={sha: notary.bundle(sha) for sha in sorted(before)},
        registry=registry,
    )


def open_warrant(warrant: SignedWarrant) -> Warrant:
    """What a signed warrant says; the signature is verified where it is used, in the pod."""
    return Warrant.model_validate(json.loads(base64.b64decode(warrant.payload)))


def warrant_of(notary: Notary, run: str) -> SignedWarrant:
    """The newest warrant issued for a run; NotFound when none was."""
    issued = notary.events(kinds=[EventKind.WARRANT_ISSUED], run=run)
    if not issued:
        raise NotFound(
            f"no warrant was issued for run {run}; its approvals and gates decide that, not this task"
        )
    return SignedWarrant.model_validate(issued[-1].event.data["signed"])
