"""What the platform measures about itself: facts from the ledger, figures of facts, publications."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from hummingbird.core.record import Record

TIMEZONE = "Asia/Shanghai"
"""Days, weeks (from Monday), months and quarters are those of this place."""


class Period(StrEnum):
    """What figures are made for; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class FactKind(StrEnum):
    """Every kind of fact that a metric is made of; `value` of the fact in brackets, seconds unless said."""

    CYCLE = "cycle"
    """A bundle reached success or failure in an environment, the first time (1)."""
    DEPLOYMENT = "deployment"
    """A bundle came to serve in production, the first time (1)."""
    CHANGE = "change"
    """A deployment touched production (1 when it had to be undone or mended, else 0)."""
    REWORK = "rework"
    """A deployment touched production (1 when it was unplanned: a hotfix, else 0)."""
    RECOVERY = "recovery"
    """A change that failed was overcome (from the failed deployment to the mend)."""
    LEAD_TIME = "lead_time"
    """A commit came to serve in production (from the commit)."""
    SCAN_FULL = "scan_full"
    SCAN_INCREMENTAL = "scan_incremental"
    SCAN_QUEUE = "scan_queue"
    """A scan waited (from the run's admission to the pod's beginning)."""
    REGRESSION = "regression"
    """A night's regression (from the first case handed out to the last finished)."""
    REGRESSION_QUEUE = "regression_queue"
    """It waited (from the queue's opening to the first case handed out)."""
    REGRESSION_WORK = "regression_work"
    """The sum of its cases' durations."""
    REGRESSION_CAPACITY = "regression_capacity"
    """Its pods times its length."""
    REGRESSION_PASSED = "regression_passed"
    """Cases that passed at the first try (cases)."""
    REGRESSION_CASES = "regression_cases"
    """Cases that were selected (cases)."""
    APPROVAL_WAIT = "approval_wait"
    """People decided (from the question to the decision)."""
    CASES_AUTOMATED = "cases_automated"
    """Test cases of a delivered story that run by themselves (cases)."""
    CASES_CATALOGUED = "cases_catalogued"
    """Test cases of a delivered story (cases)."""
    COMMIT = "commit"
    """A commit on a branch that lasts (1)."""
    LINES = "lines"
    """Lines of a component in one language, counted (lines)."""
    COST = "cost"
    """What a delivered story that has value points cost (money)."""
    VALUE = "value"
    """Its value points (points)."""
    INCIDENT = "incident"
    """Something was wrong in production (1)."""


Origin = Literal["ledger", "observed", "imported", "synthetic"]
"""An event of a delivery; an observation of another system; a firm's own past; generated history."""


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


class Unit(StrEnum):
    """What a figure counts."""

    SECONDS = "seconds"
    COUNT = "count"
    PER_DAY = "per day"
    SHARE = "share"
    """0 to 1."""
    PER_100 = "per 100 deployments"
    LINES = "lines"
    COST_PER_POINT = "cost per value point"


class Chart(StrEnum):
    """How a metric is drawn over time."""

    LINE = "line"
    BAR = "bar"
    BAND = "band"
    """p50 as a line, p85 as the edge of a band."""


class Form(StrEnum):
    """How facts become a figure."""

    COUNT = "count"
    """How many facts."""
    PER_DAY = "per_day"
    """Facts ÷ calendar days of the period, as far as it is over."""
    PER_TRADING_DAY = "per_trading_day"
    """Facts ÷ trading days (XSHG) of the period, as far as it is over; null where there is none."""
    SHARE = "share"
    """Σ value ÷ facts."""
    RATIO = "ratio"
    """scale × Σ value of `facts` ÷ Σ value of `over`; null where that is 0."""
    SPREAD = "spread"
    """p50 (the value) and p85, linear between neighbours."""
    STOCK = "stock"
    """Σ of each part's last value in the period."""


class Metric(Record):
    """One measure: what it is made of and how to read it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]+$")
    title: str
    about: str
    """One sentence for people."""
    unit: Unit
    better: Better
    chart: Chart
    form: Form
    facts: tuple[FactKind, ...] = Field(min_length=1)
    over: tuple[FactKind, ...] = ()
    scale: float = 1.0

    @property
    def fact_kinds(self) -> tuple[FactKind, ...]:
        """The facts behind a figure: what drilling down shows."""
        return tuple(dict.fromkeys((*self.facts, *self.over)))

    @property
    def empty(self) -> Literal[0] | None:
        """What a period without facts means: none happened, or nothing is known."""
        return 0 if self.form in (Form.COUNT, Form.PER_DAY, Form.PER_TRADING_DAY) else None


class Figure(Record):
    """A metric's value for one component, or all together (''), in one period."""

    metric: str
    component: str
    period: Period
    starts: date
    value: float | None
    p50: float | None = None
    p85: float | None = None
    n: int
    """Facts behind it."""
    numerator: float | None = None
    denominator: float | None = None


class Publication(Record):
    """One rollup: what the figures show up to which row of the ledger, or why nothing new is shown."""

    id: int
    at: AwareDatetime
    mode: Literal["incremental", "full"]
    state: Literal["published", "withheld"]
    why: str
    """Empty when published; else a sentence that names the expectation."""
    height: int
    """Sequence of the last row of the ledger that was read."""
    head: str
    """Its hash."""
    first_day: date | None
    """The day of the oldest fact."""
    last_day: date | None
    """The day of the row at `height`: rates of a period under way are made up to it."""
    synthetic: bool
    """Whether any fact is of generated history."""
    run: str
    seconds: float


class Rates(Record):
    """What the figures are made by beside the ledger: edited in metrics.yaml."""

    hourly_rate: float = Field(default=400.0, ge=0)
    """Cost of an hour of work."""
    compute_hourly_rate: float = Field(default=2.0, ge=0)
    """Cost of an hour of a pod or pipeline."""
    set_aside: dict[int, str] = Field(default_factory=dict)
    """Rows of the ledger that no figure is made of, by sequence, each with the reason."""
    value_field: str = "customfield_10016"
    """Field of the tracker that holds a story's value points."""
    incident_type: str = "Incident"
    """Issue type of the tracker for incidents."""
    case_type: str = "Test"
    """Issue type of test cases; a story's cases are linked with it."""
    automated_label: str = "automated"
    """Label of a case that runs by itself."""


class RollupReport(Record):
    """The result of the rollup workload: what was published, or why not."""

    publication: int
    mode: Literal["incremental", "full"]
    """What was done: by new rules an incremental one becomes a full one."""
    state: Literal["published", "withheld"]
    why: str = ""
    height: int
    head: str
    figures: int = Field(ge=0)
    """How many were made anew."""
    seconds: float
