"""The catalogue as one value: what exists, who may, by which rules."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from hummingbird.core.airflow_role import AirflowRole
from hummingbird.core.answer_issue import AnswerIssues
from hummingbird.core.baseline import Baseline, BaselineRule, Coverage, coverage
from hummingbird.core.calendar import Blackout, Calendar, Exchange, Freeze
from hummingbird.core.component import Component
from hummingbird.core.environment import Cluster, Environment
from hummingbird.core.errors import NotFound
from hummingbird.core.finding import ScanReport
from hummingbird.core.metric import Rates
from hummingbird.core.person import Person, Role
from hummingbird.core.record import Record
from hummingbird.core.regression import RegressionRule
from hummingbird.core.schedule import Schedule


class StoryRules(Record):
    """Which stories may travel: Jira status names by path, and the transitions the platform makes."""

    deliverable_statuses: list[str]
    done_status: str
    undone_status: str
    """What a delivered story gets when it was rolled back by a person."""


class Tooling(Record):
    """Where scans and suites run, and what a work pod may take."""

    cluster: str
    cpu: str
    memory: str
    deadline_seconds: int = Field(default=1800, ge=30)


class Catalogue(Record):
    """Everything that people edit, validated; its content hash is the policy version."""

    components: dict[str, Component]
    environments: dict[str, Environment]
    clusters: dict[str, Cluster]
    calendars: dict[str, Calendar]
    blackouts: dict[str, Blackout] = Field(default_factory=dict)
    exchanges: dict[str, Exchange] = Field(default_factory=dict)
    roles: dict[str, Role]
    persons: dict[str, Person]
    scanners: dict[str, list[str]]
    """Language → names of scanners, see scanners/registry.py."""
    stories: StoryRules
    tooling: Tooling
    answers: AnswerIssues | None = None
    """Where people may answer in the tracker; None: in Airflow alone."""
    regression: RegressionRule = RegressionRule()
    schedules: dict[str, Schedule] = Field(default_factory=dict)
    """Path → when it starts by itself; a scheduled path that is not named here starts by hand alone."""
    metrics: Rates = Rates()
    baseline: BaselineRule = BaselineRule()
    """Who must accept what a component brings along when it joins."""
    baselines: dict[str, Baseline] = Field(default_factory=dict)
    """Component → its baseline, where it has one."""
    airflow_roles: dict[str, AirflowRole] = Field(default_factory=dict)
    """What the roles may do in Airflow; `hummingbird roles apply` sets them up there."""
    platform_account: str
    """Airflow user name that the platform itself answers and triggers with."""
    platform_role: str = "Platform"
    """The role of Airflow that this account has."""

    @property
    def policy_version(self) -> str:
        """SHA-256 of the whole catalogue: any edit is another policy."""
        return self.content_hash

    def component(self, name: str) -> Component:
        """The component by name; NotFound names those that exist."""
        if name not in self.components:
            raise NotFound(f"component {name} is not in the catalogue; it has {', '.join(self.components)}")
        return self.components[name]

    def environment(self, name: str) -> Environment:
        """The environment by name; NotFound names those that exist."""
        if name not in self.environments:
            raise NotFound(
                f"environment {name} is not in the catalogue; it has {', '.join(self.environments)}"
            )
        return self.environments[name]

    def environment_of(self, path: str) -> Environment:
        """The environment that a delivery path brings bundles to; NotFound when none names the path."""
        for environment in self.environments.values():
            if environment.path == path:
                return environment
        raise NotFound(f"no environment of the catalogue names {path} as its path")

    def calendar_of(self, environment: Environment, operation: str) -> Calendar:
        """When an operation may start in an environment, with the blackouts that name the calendar."""
        name = environment.rollback_calendar if operation == "rollback" else environment.calendar
        calendar = self.calendars[name]
        also = [
            Freeze(reason=blackout.reason, begins=blackout.begins, ends=blackout.ends)
            for blackout in self.blackouts.values()
            if name in blackout.calendars
        ]
        return calendar.model_copy(update={"freezes": [*calendar.freezes, *also]}) if also else calendar

    @property
    def production(self) -> Environment:
        """The last environment of the way: what runs there is delivered."""
        return max(self.environments.values(), key=lambda environment: environment.order)

    def component_of_project(self, gitlab_project: str) -> Component | None:
        """The component whose repository this is, None for a repository we do not deliver."""
        found = (c for c in self.components.values() if c.gitlab_project == gitlab_project)
        return next(found, None)

    def coverage(self, report: ScanReport, now: datetime) -> Coverage:
        """The report's findings, told apart by the component's baseline as the catalogue has it now."""
        return coverage(report.findings, self.baselines.get(report.component), self.baseline, now)

    def person_of(
        self,
        *,
        airflow: str | None = None,
        gitlab: str | None = None,
        jira: str | None = None,
        email: str | None = None,
    ) -> Person | None:
        """The person who owns the account, compared without regard to case; None when nobody does."""
        asked = {"airflow": airflow, "gitlab": gitlab, "jira": jira, "email": email}
        for person in self.persons.values():
            for system, account in asked.items():
                if account and account.casefold() in map(str.casefold, person.accounts(system)):
                    return person
        return None

    def owner_of_robot(self, account: str) -> Person | None:
        """The person for whom a robot acts, by the robot's user name or mail address."""
        owners = (p for p in self.persons.values() if account.casefold() in map(str.casefold, p.robots))
        return next(owners, None)

    def holders_of(self, role: str) -> list[Person]:
        """Everyone who has the role, in catalogue order."""
        return self.holders_of_any([role])

    def holders_of_any(self, roles: list[str]) -> list[Person]:
        """Everyone who has one of the roles, once, in catalogue order."""
        return [person for person in self.persons.values() if not set(roles).isdisjoint(person.roles)]
