"""A night of regression: which cases were selected, how each ended, what is new since the night before."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, Field

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey

LONGEST_NAME = 600
"""Characters of a case's name."""


class CaseOutcome(StrEnum):
    """How a case, or one attempt of it, ended."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    """It failed, and passed when it was tried again; of a case only, never of an attempt."""
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"
    ERROR = "error"
    """It came to no verdict of its own: not collected, set-up broken, or lost with every pod that had it."""


RED = (CaseOutcome.FAILED, CaseOutcome.TIMED_OUT, CaseOutcome.ERROR)
"""What makes a night red; a flaky case is named and does not."""


class RegressionRule(Record):
    """How a night runs: numbers of the catalogue, the same for all its pods."""

    environment: str = "test"
    pods: int = Field(default=2, ge=1, le=200)
    tries: int = Field(default=2, ge=1, le=5)
    """How often a failing case runs in all: it is flaky when a later try passes."""
    case_timeout_seconds: int = Field(default=60, ge=1)
    """Of one try, where the suite says nothing of its own."""
    lease_seconds: int = Field(default=30, ge=3)
    """A pod that has not been heard of for so long has lost its case."""
    most_losses: int = Field(default=3, ge=1)
    """A case that so many pods were lost with is an error, and is handed out no more."""
    new_case_seconds: float = Field(default=5.0, gt=0)
    """Expected of a case of a suite that never ran."""
    deadline_seconds: int = Field(default=28800, ge=60)
    """Of one pod."""


class Case(Record):
    """One case of a component's suite, by the name that its runner gives it."""

    component: str
    suite: str
    name: str = Field(min_length=1, max_length=LONGEST_NAME)

    @property
    def file(self) -> str:
        """The file it stands in, as far as its name tells: what is before `::`."""
        return self.name.partition("::")[0]


class SelectedCase(Record):
    """A case as a runner found it; `problem` says why it cannot run, None when it can."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    problem: str | None = None


class Selection(Record):
    """Every case of one component's nightly suites at its commit: the result of a selecting pod."""

    component: str
    commit: Commit
    bundle: Sha256
    suites: dict[str, list[SelectedCase]]
    """Suite name → its cases, in the order of the files."""


class ExpectedFrom(StrEnum):
    """Where an expected duration comes from, best first."""

    MEASURED = "measured"
    """The median of the case's own last nights."""
    FILE = "file"
    """A new case: the longest measured case of its file. What is not known is better begun early: a long case
    that comes last keeps the whole night waiting, a short one that comes first does not."""
    SUITE = "suite"
    """The longest measured case of its suite."""
    GUESS = "guess"
    """Nothing of its suite was ever measured: the catalogue's guess."""


class Expectation(Record):
    """How long a case will probably take, in seconds."""

    seconds: float = Field(ge=0)
    source: ExpectedFrom


class Attempt(Record):
    """One try of a case in one pod."""

    outcome: CaseOutcome
    started_at: AwareDatetime
    seconds: float = Field(ge=0)
    pod: str
    """Name of the pod, for its log."""
    message: str = ""
    """Why it did not pass, in a sentence; empty when it passed."""
    log: str = ""
    """The end of what it said: traceback, output, log records; empty when it passed at once."""
    requests: list[str] = Field(default_factory=list)
    """HTTP requests it made, one a line, as its suite's client logged them to the logger `http.requests`."""


class CaseResult(Record):
    """What became of one case; `seconds` is the sum over its attempts."""

    outcome: CaseOutcome
    seconds: float = Field(ge=0)
    attempts: list[Attempt] = Field(default_factory=list)
    message: str = ""
    """Why it is not passed, in a sentence."""


class Loss(Record):
    """A pod took a case and gave no result: the case was handed on."""

    job: str
    """Id of the lost pod's job."""
    taken_at: AwareDatetime
    lost_at: AwareDatetime
    why: str


class NightCase(Record):
    """A selected case, its expected duration and its result; `result` is None while it is not executed."""

    number: int
    case: Case
    expected: Expectation
    result: CaseResult | None = None
    losses: list[Loss] = Field(default_factory=list)
    before: list[CaseOutcome] = Field(default_factory=list)
    """How it ended in the nights before, newest first; told of a red or flaky case."""


class NightComponent(Record):
    """What ran in the environment when the night was admitted, and is tested by it."""

    name: str
    version: str
    commit: Commit
    bundle: Sha256
    stories: list[StoryKey] = Field(default_factory=list)
    """The stories that the bundle brought to this component."""


class NightPlan(Record):
    """The frozen plan of one night: `run` is `dag_id/run_id`."""

    run: str
    environment: str
    cluster: str
    requester: str | None = None
    """Catalogue person who started it, None for the schedule."""
    components: list[NightComponent] = Field(default_factory=list)
    policy_version: Sha256

    def component(self, name: str) -> NightComponent | None:
        """A component of the night by name."""
        return next((each for each in self.components if each.name == name), None)


class NightTotals(Record):
    """Counts by outcome; `selected` and `executed` are equal in a complete report."""

    selected: int = Field(ge=0)
    passed: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    flaky: int = Field(default=0, ge=0)
    skipped: int = Field(default=0, ge=0)
    timed_out: int = Field(default=0, ge=0)
    error: int = Field(default=0, ge=0)

    @property
    def executed(self) -> int:
        """Cases with a result."""
        return self.passed + self.failed + self.flaky + self.skipped + self.timed_out + self.error

    @property
    def red(self) -> int:
        """Cases that make the night red."""
        return self.failed + self.timed_out + self.error

    @property
    def complete(self) -> bool:
        """Whether every selected case was executed."""
        return self.executed == self.selected

    @property
    def sentence(self) -> str:
        """The counts for people."""
        told = [f"{self.passed} of {self.selected} passed"]
        others = {"failed": self.failed, "timed out": self.timed_out}
        others |= {"error" if self.error == 1 else "errors": self.error}
        others |= {"flaky": self.flaky, "skipped": self.skipped}
        told += [f"{count} {word}" for word, count in others.items() if count]
        if not self.complete:
            told.append(f"{self.selected - self.executed} not executed")
        return ", ".join(told)


class NewlyFailing(Record):
    """A red case that was not red the last time it ran, or never ran before."""

    case: Case
    outcome: CaseOutcome
    message: str
    bundle: Sha256
    stories: list[StoryKey] = Field(default_factory=list)
    """The stories of the bundle it failed against: where the cause most probably lies."""


class PastNight(Record):
    """An earlier night, for the trend; `seconds` from the first case to the last."""

    run: str
    finished_at: AwareDatetime
    totals: NightTotals
    seconds: float


class RegressionReport(Record):
    """What one pod did of a night: its job's result. What became of the cases, the notary knows."""

    run: str
    pod: str
    cases: int = Field(ge=0)
    """Cases it reported."""
    taken_away: int = Field(default=0, ge=0)
    """Cases that had been given to another pod before it was done with them."""
    busy_seconds: float = Field(ge=0)
    """Time in which a case ran."""
    seconds: float = Field(ge=0)
    """Wall time of the workload."""


class NightReport(Record):
    """All of a night, as the notary tells it: what the HTML page and the JUnit file are made of."""

    plan: NightPlan
    opened_at: AwareDatetime
    """When the queue was filled."""
    started_at: AwareDatetime | None = None
    """When the first case was handed out; None when none was."""
    finished_at: AwareDatetime | None = None
    """When the last result came in; None while cases are open."""
    cases: list[NightCase] = Field(default_factory=list)
    pods: list[RegressionReport] = Field(default_factory=list)
    """Pods that came to their end; a lost one is missing here and named by the losses."""
    newly_failing: list[NewlyFailing] = Field(default_factory=list)
    trend: list[PastNight] = Field(default_factory=list)
    """Closed nights of the environment before this one, oldest first."""

    @property
    def totals(self) -> NightTotals:
        """Counts by outcome."""
        return totals_of(each.result.outcome if each.result else None for each in self.cases)

    @property
    def seconds(self) -> float:
        """Makespan: from the first case handed out to the last result; 0 while that is not known."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def queued_seconds(self) -> float:
        """From the filled queue to the first case handed out."""
        return (self.started_at - self.opened_at).total_seconds() if self.started_at else 0.0

    def of(self, outcome: CaseOutcome) -> list[NightCase]:
        """The cases that ended so."""
        return [each for each in self.cases if each.result and each.result.outcome is outcome]


def verdict_on(attempts: list[Attempt]) -> CaseOutcome:
    """What its attempts make of a case: flaky when a later one passed after one that did not."""
    last = attempts[-1].outcome
    if last is CaseOutcome.PASSED and len(attempts) > 1:
        return CaseOutcome.FLAKY
    return last


def totals_of(outcomes: Iterable[CaseOutcome | None]) -> NightTotals:
    """Counts of outcomes; None is a case that was selected and not executed."""
    counts = dict.fromkeys(CaseOutcome, 0)
    selected = 0
    for outcome in outcomes:
        selected += 1
        if outcome is not None:
            counts[outcome] += 1
    return NightTotals(selected=selected, **{outcome.value: count for outcome, count in counts.items()})
