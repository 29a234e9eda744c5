"""What must hold between entries of the catalogue: names that exist, accounts that are nobody else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from hummingbird.catalogue.airflow_roles import airflow_role_complaints
from hummingbird.catalogue.complaint import Complaint
from hummingbird.core.baseline import Baseline
from hummingbird.core.call_order import callee_first
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.errors import Invalid
from hummingbird.core.person import Person
from hummingbird.core.schedule import SCHEDULED
from hummingbird.gates.registry import GATES, PASSABLE
from hummingbird.scanners.names import SCANNER_NAMES

MOST_WAVES = 2
SYSTEMS = ("airflow", "jira", "gitlab", "email")


def complaints(catalogue: Catalogue) -> Iterator[Complaint]:
    """Every contradiction, most basic first."""
    yield from _environments(catalogue)
    yield from _calendars(catalogue)
    yield from _components(catalogue)
    yield from _nightly_suites(catalogue)
    yield from _calls(catalogue)
    yield from airflow_role_complaints(catalogue)
    yield from _persons(catalogue)
    yield from _baselines(catalogue)
    for language, scanners in catalogue.scanners.items():
        for scanner in scanners:
            if scanner not in SCANNER_NAMES:
                yield (
                    "scanners",
                    (language,),
                    f"no scanner is named {scanner}; there are {_list(SCANNER_NAMES)}",
                )
    if catalogue.tooling.cluster not in catalogue.clusters:
        yield "tooling", ("cluster",), f"no cluster is named {catalogue.tooling.cluster}"
    if catalogue.regression.environment not in catalogue.environments:
        yield (
            "regression",
            ("environment",),
            f"no environment is named {catalogue.regression.environment}",
        )
    for name in catalogue.schedules:
        if name not in SCHEDULED:
            yield "schedules", (name,), f"no path of that name has a schedule; there are {_list(SCHEDULED)}"
    yield from _clusters(catalogue)


def _environments(catalogue: Catalogue) -> Iterator[Complaint]:
    environment_of_path: dict[str, str] = {}
    environment_of_cluster: dict[str, str] = {}
    for name, environment in catalogue.environments.items():
        yield from _unknown(name, "waves", "cluster", environment.clusters, catalogue.clusters)
        yield from _unknown(name, "gates", "gate", environment.gates, GATES)
        yield from _unknown(name, "approval", "role", environment.approval.named_roles, catalogue.roles)
        rollback = environment.rollback_approval.named_roles
        yield from _unknown(name, "rollback_approval", "role", rollback, catalogue.roles)
        yield from _emergency(catalogue, environment)
        previous = [environment.previous] if environment.previous else []
        yield from _unknown(name, "previous", "environment", previous, catalogue.environments)
        for field in ("calendar", "rollback_calendar"):
            yield from _unknown(name, field, "calendar", [getattr(environment, field)], catalogue.calendars)
        yield from _waves(environment, environment_of_cluster)
        other = environment_of_path.setdefault(environment.path or "", name)
        if environment.path and other != name:
            yield "environments", (name, "path"), f"{environment.path} brings bundles to {other} already"
        if environment.approval.named_roles and "approvals_complete" not in environment.gates:
            yield (
                "environments",
                (name, "gates"),
                "approval roles are set but the gate approvals_complete is not",
            )


def _emergency(catalogue: Catalogue, environment: Environment) -> Iterator[Complaint]:
    """Roles that exist; and only gates that an emergency may pass at all."""
    rule = environment.emergency
    if rule is None:
        return
    roles = sorted({*rule.started_by, *rule.named_roles, *rule.review.any_of})
    yield from _unknown(environment.name, "emergency", "role", roles, catalogue.roles)
    for gate in rule.passes:
        if gate not in PASSABLE:
            why = f"{gate} is passed by no emergency; it may pass {_list(PASSABLE)}"
            yield "environments", (environment.name, "emergency", "passes"), why


def _waves(environment: Environment, owners: dict[str, str]) -> Iterator[Complaint]:
    """Every wave has clusters, no more than two waves, and a cluster is one environment's, once."""
    place = (environment.name, "waves")
    if not environment.waves or not all(environment.waves):
        yield "environments", place, "there must be a wave, and a cluster in each"
    if len(environment.waves) > MOST_WAVES:
        why = f"{len(environment.waves)} waves; there is a first one and, when it serves, the rest"
        yield "environments", place, f"{why}: make it {MOST_WAVES} at most"
    for cluster in environment.clusters:
        other = owners.setdefault(cluster, environment.name)
        if other != environment.name:
            yield "environments", place, f"cluster {cluster} belongs to {other} already"
        elif environment.clusters.count(cluster) > 1:
            yield "environments", place, f"cluster {cluster} is named twice"


def _unknown(
    entry: str, field: str, noun: str, names: Iterable[str], known: Iterable[str]
) -> Iterator[Complaint]:
    there_are = list(known)
    for name in names:
        if name not in there_are:
            yield "environments", (entry, field), f"no {noun} is named {name}; there are {_list(there_are)}"


def _clusters(catalogue: Catalogue) -> Iterator[Complaint]:
    """A connection and a registry project are one cluster's own: else one cloud could stand for another."""
    for field in ("connection", "registry_project"):
        owners: dict[str, str] = {}
        for name, cluster in catalogue.clusters.items():
            value = getattr(cluster, field)
            other = owners.setdefault(value, name)
            if other != name:
                yield "clusters", (name, field), f"{value} belongs to {other} already"


def _calendars(catalogue: Catalogue) -> Iterator[Complaint]:
    for name, calendar in catalogue.calendars.items():
        for exchange in calendar.exchanges:
            if exchange not in catalogue.exchanges:
                there_are = _list(catalogue.exchanges) or "none: exchanges.yaml is missing"
                yield (
                    "calendars",
                    (name, "exchanges"),
                    f"no exchange is named {exchange}; there are {there_are}",
                )
    for name, blackout in catalogue.blackouts.items():
        for calendar_name in blackout.calendars:
            if calendar_name not in catalogue.calendars:
                there_are = _list(catalogue.calendars)
                yield (
                    "blackouts",
                    (name, "calendars"),
                    f"no calendar is named {calendar_name}; there are {there_are}",
                )


def _components(catalogue: Catalogue) -> Iterator[Complaint]:
    for name, component in catalogue.components.items():
        for environment in catalogue.environments:
            if environment not in component.configuration:
                yield "components", (name, "configuration"), f"environment {environment} has no configuration"
            if environment not in component.workload.environments:
                yield (
                    "components",
                    (name, "workload"),
                    f"environment {environment} has no replicas and resources",
                )
        for environment, rule in catalogue.environments.items():
            for suite in rule.suites:
                if suite not in component.suites:
                    yield (
                        "components",
                        (name, "suites"),
                        f"environment {environment} runs {suite}; it is missing",
                    )
        for language in component.languages:
            if not catalogue.scanners.get(language):
                yield "components", (name, "languages"), f"no scanner is set for {language}"


def _nightly_suites(catalogue: Catalogue) -> Iterator[Complaint]:
    """What a night finds must not stand for what a deployment's suite found."""
    asked = {suite for environment in catalogue.environments.values() for suite in environment.suites}
    for name, component in catalogue.components.items():
        for suite in sorted(asked & set(component.nightly_suites)):
            why = "an environment's deployments wait for it: give the nightly suite a name of its own"
            yield "components", (name, "suites", suite), why


def _calls(catalogue: Catalogue) -> Iterator[Complaint]:
    for name, component in catalogue.components.items():
        for called in component.calls:
            if called not in catalogue.components:
                there_are = _list(catalogue.components)
                yield "components", (name, "calls"), f"no component is named {called}; there are {there_are}"
        try:
            callee_first(catalogue.components, [name])
        except Invalid as error:
            yield "components", (name, "calls"), str(error)


def _persons(catalogue: Catalogue) -> Iterator[Complaint]:
    owners: dict[tuple[str, str], str] = {}
    for name, person in catalogue.persons.items():
        for role in person.roles:
            if role not in catalogue.roles:
                yield "persons", (name, "roles"), f"no role is named {role}"
        yield from _accounts(person, owners)
        if catalogue.platform_account.casefold() in map(str.casefold, person.accounts("airflow")):
            yield "persons", (name, "airflow"), "the platform's own account belongs to no person"


def _accounts(person: Person, owners: dict[tuple[str, str], str]) -> Iterator[Complaint]:
    """An account is one person's, and a robot acts for one."""
    for system in SYSTEMS:
        for account in person.accounts(system):
            other = owners.setdefault((system, account.casefold()), person.name)
            if other != person.name:
                yield "persons", (person.name, system), f"{account} belongs to {other} already"
    for system in person.also:
        if system not in SYSTEMS:
            yield "persons", (person.name, "also"), f"no system is named {system}; there are {_list(SYSTEMS)}"
    for robot in person.robots:
        other = owners.setdefault(("robot", robot.casefold()), person.name)
        if other != person.name:
            yield "persons", (person.name, "robots"), f"{robot} acts for {other} already"


def _baselines(catalogue: Catalogue) -> Iterator[Complaint]:
    rule = catalogue.baseline
    for role in rule.roles:
        if role not in catalogue.roles:
            yield "baseline", ("roles",), f"no role is named {role}"
    for name, baseline in catalogue.baselines.items():
        if baseline.component != name or name not in catalogue.components:
            yield "baselines", (name, "component"), f"no component is named {baseline.component}"
        if baseline.owner not in catalogue.persons:
            yield "baselines", (name, "owner"), f"no person is named {baseline.owner}"
        if baseline.expires_at - baseline.taken_at > timedelta(days=rule.days):
            yield "baselines", (name, "expires_at"), f"a baseline holds for {rule.days} days at most"
        yield from _acceptances(catalogue, name, baseline)


def _acceptances(catalogue: Catalogue, name: str, baseline: Baseline) -> Iterator[Complaint]:
    seen: set[str] = set()
    for number, acceptance in enumerate(baseline.accepted_by):
        where = (name, "accepted_by", str(number))
        person = catalogue.persons.get(acceptance.person)
        if person is None or acceptance.role not in person.roles:
            yield "baselines", where, f"{acceptance.person} does not hold the role {acceptance.role}"
        if acceptance.person == baseline.owner:
            yield "baselines", where, f"{acceptance.person} owns the baseline and cannot accept it"
        if acceptance.person in seen:
            yield "baselines", where, f"{acceptance.person} accepts twice; two persons are needed"
        seen.add(acceptance.person)


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
