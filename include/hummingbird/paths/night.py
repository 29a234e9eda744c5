"""A night of regression: what runs is frozen as its plan, pods select and pull, reports are kept."""

from __future__ import annotations

from dataclasses import replace

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.job import NightTarget, RegressionJob, SelectJob
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.ports import Notary, PackageStore, Records
from hummingbird.core.regression import NewlyFailing, NightComponent, NightPlan, NightReport
from hummingbird.paths.build import REPORTS
from hummingbird.paths.running import serving_in
from hummingbird.reports.night_junit import night_junit
from hummingbird.reports.night_page import night_page
from hummingbird.reports.night_words import Reader

MOST_NAMED, LONGEST_NAMED = 3, 60
"""Newly failing cases that a sentence names, and characters of a name."""
_UNSAFE = str.maketrans(dict.fromkeys("/:+ ", "-"))


def plan_night(catalogue: Catalogue, notary: Records, run: str, requester: str | None) -> NightPlan:
    """The components that run in the environment and bring nightly suites, each at the commit that serves."""
    rule = catalogue.regression
    cluster = catalogue.environment(rule.environment).clusters[0]
    with_suites = [name for name, each in catalogue.components.items() if each.nightly_suites]
    serving = serving_in(notary, cluster, with_suites)
    bundles = {sha256: notary.bundle(sha256) for sha256 in set(serving.values()) if sha256 is not None}
    components = []
    for name, sha256 in serving.items():
        carried = bundles[sha256].component(name) if sha256 is not None else None
        if sha256 is None or carried is None:
            continue
        components.append(
            NightComponent(
                name=name,
                version=carried.version,
                commit=carried.commit,
                bundle=sha256,
                stories=carried.stories,
            )
        )
    return NightPlan(
        run=run,
        environment=rule.environment,
        cluster=cluster,
        requester=requester,
        components=components,
        policy_version=catalogue.policy_version,
    )


def admit_night(catalogue: Catalogue, notary: Notary, run: str, requester: str | None) -> NightPlan:
    """Freeze the plan in the ledger; of a run that was admitted before, the plan it has."""
    frozen = find_plan(notary, run)
    if frozen is not None:
        return frozen
    plan = plan_night(catalogue, notary, run, requester)
    notary.append(
        DeliveryEvent(
            kind=EventKind.REGRESSION_STARTED,
            key=f"regression-started:{run}",
            subject=run,
            environment=plan.environment,
            cluster=plan.cluster,
            run=run,
            actor=requester or "platform",
            data={"plan": plan.document()},
        )
    )
    return plan


def find_plan(notary: Notary, run: str) -> NightPlan | None:
    """The frozen plan of a run, None when it was not admitted."""
    found = notary.events(kinds=[EventKind.REGRESSION_STARTED], run=run)
    return NightPlan.model_validate(found[0].event.data["plan"]) if found else None


def require_plan(notary: Notary, run: str) -> NightPlan:
    """The frozen plan of a run; NotFound when its task admit was marked instead of run."""
    plan = find_plan(notary, run)
    if plan is None:
        raise NotFound(f"run {run} was not admitted: the ledger has no plan of it")
    return plan


def select_job(catalogue: Catalogue, plan: NightPlan, name: str) -> SelectJob:
    """What the selecting pod of one component is asked."""
    planned = next(each for each in plan.components if each.name == name)
    return SelectJob(
        component=catalogue.component(name),
        commit=planned.commit,
        bundle=planned.bundle,
        environment=plan.environment,
    )


def regression_job(catalogue: Catalogue, plan: NightPlan, pod: int) -> RegressionJob:
    """What one of the night's pulling pods is asked: all that may come out of the queue."""
    targets = [
        NightTarget(component=catalogue.component(each.name), commit=each.commit) for each in plan.components
    ]
    return RegressionJob(
        run=plan.run, environment=plan.environment, pod=pod, targets=targets, rule=catalogue.regression
    )


def keep_night(store: PackageStore, report: NightReport, reader: Reader) -> StoredNight:
    """Store JUnit file and page in one folder, under names made of their content: nothing is overwritten."""
    folder = f"nights/{report.plan.run.translate(_UNSAFE)}"
    junit = night_junit(report)
    junit_hash = sha256_hex(junit)
    junit_name = f"junit-{junit_hash[:12]}.xml"
    page = night_page(report, replace(reader, junit=junit_name))
    page_hash = sha256_hex(page)
    return StoredNight(
        junit_url=store.put(REPORTS, f"{folder}/{junit_name}", junit, "application/xml"),
        junit_sha256=junit_hash,
        report_url=store.put(
            REPORTS, f"{folder}/regression-{page_hash[:12]}.html", page, "text/html; charset=utf-8"
        ),
        report_sha256=page_hash,
    )


def stored_in(recorded: RecordedEvent) -> StoredNight:
    """Where the ledger says the night's report lies: of a report that was tried twice, the first."""
    return StoredNight.model_validate({name: recorded.event.data[name] for name in StoredNight.model_fields})


def sentence_of(report: NightReport) -> str:
    """The night in one line: counts, then what newly fails and for which stories."""
    told = f"{report.plan.environment}: {report.totals.sentence}"
    if not report.newly_failing:
        return told
    named = [_named(one) for one in report.newly_failing[:MOST_NAMED]]
    rest = len(report.newly_failing) - len(named)
    return f"{told}; newly failing: {', '.join(named)}{f' and {rest} more' if rest else ''}"


def _named(one: NewlyFailing) -> str:
    name = one.case.name.rpartition("::")[2][:LONGEST_NAMED]
    return f"{name} of {one.case.component} ({', '.join(one.stories)})"
