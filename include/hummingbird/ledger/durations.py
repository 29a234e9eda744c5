"""How long cases took on their last nights, and a sound guess for those that never ran."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from sqlalchemy import Connection, func, select

from hummingbird.core.regression import Case, Expectation, ExpectedFrom, RegressionRule
from hummingbird.ledger.schema import night, night_case

NIGHTS = 10
"""How many nights of the environment are looked at."""
RESULTS = 5
"""Of how many results of a case the median is taken, the newest ones."""


def expected(
    connection: Connection, environment: str, cases: Iterable[Case], rule: RegressionRule
) -> dict[Case, Expectation]:
    """Case → how long it will probably take, all its tries together, and where that comes from."""
    measured = _measured(connection, environment)
    by_file, by_suite = (
        defaultdict[tuple[str, ...], list[float]](list),
        defaultdict[tuple[str, ...], list[float]](list),
    )
    for case, seconds in measured.items():
        by_file[case.component, case.suite, case.file].append(seconds)
        by_suite[case.component, case.suite].append(seconds)
    found = {}
    for case in cases:
        if case in measured:
            found[case] = Expectation(seconds=measured[case], source=ExpectedFrom.MEASURED)
        elif of_file := by_file.get((case.component, case.suite, case.file)):
            found[case] = Expectation(seconds=max(of_file), source=ExpectedFrom.FILE)
        elif of_suite := by_suite.get((case.component, case.suite)):
            found[case] = Expectation(seconds=max(of_suite), source=ExpectedFrom.SUITE)
        else:
            found[case] = Expectation(seconds=rule.new_case_seconds, source=ExpectedFrom.GUESS)
    return found


def _measured(connection: Connection, environment: str) -> dict[Case, float]:
    """Median of each case's newest results that took a time at all."""
    nights = (
        select(night.c.run)
        .where(night.c.environment == environment)
        .order_by(night.c.opened_at.desc())
        .limit(NIGHTS)
        .scalar_subquery()
    )
    place = (night_case.c.component, night_case.c.suite, night_case.c.name)
    age = func.row_number().over(partition_by=place, order_by=night_case.c.done_at.desc()).label("age")
    results = (
        select(*place, night_case.c.seconds, age)
        .where(night_case.c.run.in_(nights), night_case.c.seconds.is_not(None))
        .subquery()
    )
    seconds = defaultdict[Case, list[float]](list)
    newest = select(results).where(results.c.age <= RESULTS)
    for row in connection.execute(newest):
        seconds[Case(component=row.component, suite=row.suite, name=row.name)].append(row.seconds)
    return {case: median(values) for case, values in seconds.items()}
