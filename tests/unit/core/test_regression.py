"""A night's counts: complete or not, red or green."""

from __future__ import annotations

from hummingbird.core.regression import CaseOutcome, totals_of

P, F, K, T = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.FLAKY, CaseOutcome.TIMED_OUT


def test_a_case_without_a_result_is_selected_and_not_executed() -> None:
    totals = totals_of([P, None, P])
    assert (totals.selected, totals.executed, totals.complete) == (3, 2, False)
    assert totals.sentence == "2 of 3 passed, 1 not executed"


def test_a_flaky_case_is_named_counts_as_executed_and_is_not_red() -> None:
    totals = totals_of([P, K, CaseOutcome.SKIPPED])
    assert totals.complete
    assert totals.red == 0
    assert totals.sentence == "1 of 3 passed, 1 flaky, 1 skipped"


def test_failed_timed_out_and_erroneous_cases_are_red() -> None:
    totals = totals_of([F, T, CaseOutcome.ERROR, P])
    assert totals.red == 3
    assert totals.sentence == "1 of 4 passed, 1 failed, 1 timed out, 1 error"


def test_nothing_selected_is_complete_and_empty() -> None:
    assert totals_of([]).complete
    assert totals_of([]).selected == 0
