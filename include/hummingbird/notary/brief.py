"""The three lines an approver reads first, and the details after: ledger content only, plain text."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from hummingbird.core.approval import Brief
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.event import EventKind
from hummingbird.core.gate import Facts, Verdict
from hummingbird.core.plan import Plan
from hummingbird.gates import window_open
from hummingbird.gates.reports import coverage_of
from hummingbird.ledger.views import newest
from hummingbird.notary.deployments import came_from, find_bundle, running
from hummingbird.notary.emergency_brief import emergency_lines
from hummingbird.notary.last_night import last_night
from hummingbird.notary.plain_text import plain

Before = Mapping[str, Mapping[str, str | None]]
"""Cluster → component → bundle that runs there now; before a rollback, the one it leads to."""


def predecessors(connection: Connection, facts: Facts) -> dict[str, dict[str, str | None]]:
    """What the bundle's components come from in every cluster in question, and would go back to."""
    bundle, environment = facts.bundle, facts.environment.name
    if facts.operation == "rollback":
        return {name: came_from(connection, bundle, environment, name) for name in facts.clusters}
    names = [component.name for component in bundle.components]
    return {name: running(connection, environment, name, names) for name in facts.clusters}


def brief_of(connection: Connection, facts: Facts, plan: Plan | None, verdict: Verdict) -> Brief:
    """The brief of a question about these facts; the verdict says what an emergency passes."""
    before = predecessors(connection, facts)
    known = {sha: find_bundle(connection, sha) for of in before.values() for sha in of.values() if sha}
    night = last_night(connection, facts)
    details = _details(connection, facts, plan, before) + ([night.detail] if night else [])
    urgent = emergency_lines(facts, verdict)
    return Brief(
        changes=_changes(facts),
        different=_different(facts, before, known),
        risk="; ".join([*urgent[:1], _risk(facts, before), *([night.risk] if night and night.risk else [])]),
        details=[plain(line, 400) for line in (*urgent[1:], *details)],
    )


def _changes(facts: Facts) -> str:
    titles = {story.key: plain(story.title, 80) for story in facts.stories}
    stories = ", ".join(f"{key} {titles.get(key, '(title unknown)')}" for key in facts.bundle.stories)
    undone = "undoes " if facts.operation == "rollback" else ""
    components = "; ".join(_component_line(component) for component in facts.bundle.components)
    return f"{undone}{stories}: {components}"


def _component_line(component: BundleComponent) -> str:
    counted = f", {_count(component.commits, 'commit')}" if component.commits is not None else ""
    if component.commits == 0:
        counted = ", configuration alone"
    return f"{component.name} {plain(component.version, 40)} (commit {component.commit[:8]}{counted})"


def _different(facts: Facts, before: Before, known: Mapping[str, Bundle]) -> str:
    lines = []
    for component in facts.bundle.components:
        by_state: dict[str, list[str]] = {}
        for cluster, runs in before.items():
            sha = runs.get(component.name)
            old = known[sha].component(component.name) if sha else None
            by_state.setdefault(_change(facts, component, old), []).append(cluster)
        lines += [f"{', '.join(clusters)}: {line}" for line, clusters in by_state.items()]
    return "; ".join(lines)


def _change(facts: Facts, component: BundleComponent, before: BundleComponent | None) -> str:
    if facts.operation != "rollback":
        return _difference(component, before, facts.environment.name)
    if before is None:
        return f"{component.name} did not run here before; it is stopped"
    return _difference(before, component, facts.environment.name)


def _difference(new: BundleComponent, old: BundleComponent | None, environment: str) -> str:
    if old is None:
        return f"{new.name} does not run here yet; this is its first deployment"
    if old == new:
        return f"{new.name} {new.version} runs here already, unchanged"
    parts = [f"{new.name} {plain(old.version, 40)} → {plain(new.version, 40)}"]
    if old.image.digest == new.image.digest:
        parts.append("same image")
    else:
        parts.append(f"image {_short(old.image.digest)} → {_short(new.image.digest)}")
    keys = _changed_keys(old, new, environment)
    parts.append(f"configuration: {', '.join(keys)}" if keys else "same configuration")
    return ", ".join(parts)


def _changed_keys(old: BundleComponent, new: BundleComponent, environment: str) -> list[str]:
    # Keys only: values of a configuration are not for a prompt.
    then = old.configuration[environment].items if environment in old.configuration else {}
    now = new.configuration[environment].items if environment in new.configuration else {}
    changed = sorted(key for key in {*then, *now} if then.get(key) != now.get(key))
    marks = {key: "+" if key not in then else "-" if key not in now else "~" for key in changed}
    shown = [f"{marks[key]}{plain(key, 60)}" for key in changed[:8]]
    return [*shown, f"and {len(changed) - 8} more"] if len(changed) > 8 else shown


def _risk(facts: Facts, before: Before) -> str:
    way = _way_on(before) if facts.operation == "rollback" else _way_back(before)
    return f"{way}; {_findings(facts)}; {_suites(facts)}"


def _way_back(before: Before) -> str:
    targets = sorted({sha for runs in before.values() for sha in runs.values() if sha})
    if not targets:
        return "first deployment: there is nothing to roll back to"
    first = any(sha is None for runs in before.values() for sha in runs.values())
    back = f"can be rolled back to bundle {', '.join(sha[:12] for sha in targets)}"
    return f"{back}, but not where a component is new" if first else back


def _way_on(before: Before) -> str:
    targets = sorted({sha for runs in before.values() for sha in runs.values() if sha})
    named = ", ".join(sha[:12] for sha in targets)
    return f"goes back to bundle {named}; what is undone runs again if that does not serve"


def _findings(facts: Facts) -> str:
    if not facts.scans:
        return "no scan is recorded"
    newest_by_component = {
        report.component: report for report in sorted(facts.scans, key=lambda report: report.mode == "full")
    }
    told = [coverage_of(facts, report) for report in newest_by_component.values()]
    total = sum(len(one.new) for one in told)
    known = [one.sentence for one in told if one.sentence]
    return ", ".join(["no open finding" if total == 0 else _count(total, "open finding"), *known])


def _suites(facts: Facts) -> str:
    if not facts.suites:
        return "no suite ran against this bundle yet"
    failed = [report for report in facts.suites if not report.counts.green]
    total = sum(report.counts.total for report in facts.suites)
    if failed:
        return f"{', '.join(report.suite for report in failed)} not green in {failed[0].environment}"
    return f"{_count(total, 'suite test')} green in {facts.suites[0].environment}"


def _details(connection: Connection, facts: Facts, plan: Plan | None, before: Before) -> list[str]:
    lines = [f"bundle {facts.bundle.sha256}", f"evidence {facts.evidence_hash}"]
    lines.append(f"policy {facts.policy_version}")
    lines.append(f"asked by {facts.requester or 'nobody: started by a push'}")
    lines.append(window_open.check(facts).why)
    for component in facts.bundle.components:
        lines.append(f"{component.name} image {component.image.repository}@{component.image.digest}")
        lines += [f"{component.name} package {p.path} sha256 {p.sha256}" for p in component.packages]
        settings = component.configuration.get(facts.environment.name)
        if settings is not None:
            lines.append(f"{component.name} configuration sha256 {settings.sha256}")
        lines.append(f"{component.name} authors {', '.join(component.authors) or 'none'}")
        lines += _newer(connection, component, plan)
    for report in facts.scans:
        counts = report.unit_tests
        lines.append(
            f"{report.component} {report.mode} scan: {_count(len(report.findings), 'finding')}, unit tests "
            f"{counts.total} run, {counts.failed} failed, {counts.skipped} skipped"
        )
    for suite in facts.suites:
        lines.append(
            f"{suite.component} suite {suite.suite} in {suite.environment}: {suite.counts.total} run, "
            f"{suite.counts.failed} failed, {suite.counts.skipped} skipped"
        )
    for cluster, runs in before.items():
        does = "goes back to" if facts.operation == "rollback" else "runs"
        lines += [f"{cluster} {does} {name} of bundle {sha or 'none'}" for name, sha in runs.items()]
    return lines


def _newer(connection: Connection, component: BundleComponent, plan: Plan | None) -> list[str]:
    planned = next((c for c in plan.components if c.name == component.name), None) if plan else None
    if planned is None or not planned.branch:
        return []
    pushed = newest(
        connection, EventKind.WEBHOOK_RECEIVED, component=component.name, subject=f"push:{planned.branch}"
    )
    after = pushed.event.data.get("after") if pushed else None
    if pushed is None or not after or after == component.commit:
        return []
    return [
        f"{component.name}: {planned.branch} was pushed again to {after[:8]}, which is not in this bundle"
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
