"""A broken row stops the publication, by the name of the expectation; the figures before it stay."""

from __future__ import annotations

import pytest

from hummingbird.workloads.rolling.validating import GreatExpectations
from unit.workloads.rolling.a_ledger import ALedger
from unit.workloads.rolling.deliveries import Deliveries

GATEWAY = "order-gateway"


@pytest.mark.parametrize(
    ("seconds", "expectation", "told"),
    [
        (-5, "expect_column_values_to_be_between does not hold for smallest value", "has -5"),
        ("soon", "expect_column_values_to_be_in_set does not hold for missing values", "has 1"),
        (9e7, "expect_column_pair_values_a_to_be_greater_than_b does not hold for largest", "has 90000000"),
    ],
)
def test_a_broken_row_withholds_everything_and_names_the_expectation(
    ledger: ALedger, seconds: object, expectation: str, told: str
) -> None:
    deliveries = Deliveries(ledger)
    deliveries.scanned("2026-03-02 09:00", "2026-03-02 09:10", 300, GATEWAY)
    assert ledger.roll("incremental", GreatExpectations()).state == "published"
    before = ledger.everything()
    row = deliveries.scanned("2026-03-03 09:00", "2026-03-03 09:10", seconds, GATEWAY)
    deliveries.scanned("2026-03-03 10:00", "2026-03-03 10:10", 300, GATEWAY)
    for mode in ("incremental", "full") if seconds == -5 else ("incremental",):
        report = ledger.roll(mode, GreatExpectations())
        assert report.state == "withheld"
        assert report.why.startswith(expectation)
        assert f"row {row} of the ledger" in report.why
        assert told in report.why
        assert ledger.everything() == before
    # A row that is set aside with a reason counts no more; the rest is published.
    ledger.rates = ledger.rates.model_copy(update={"set_aside": {row: "the scanner's clock was wrong"}})
    assert ledger.roll("incremental", GreatExpectations()).state == "published"
    assert ledger.figures("scan_time") == {"2026-03-01": (300, 2)}
