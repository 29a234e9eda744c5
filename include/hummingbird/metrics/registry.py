"""Every metric, in the order people read them: one more is a file, a line here, a part of docs/metrics.md."""

from __future__ import annotations

from hummingbird.core.errors import NotFound
from hummingbird.core.metric import Metric
from hummingbird.metrics import (
    approval_wait,
    automation_coverage,
    change_fail_rate,
    commits,
    cost_per_value,
    cycles,
    cycles_per_day,
    cycles_per_trading_day,
    deployment_frequency,
    incident_rate,
    lead_time,
    lines_of_code,
    recovery_time,
    regression_efficiency,
    regression_pass_rate,
    regression_queue,
    regression_time,
    rework_rate,
    scan_queue,
    scan_time,
    scan_time_incremental,
)

METRICS: dict[str, Metric] = {
    each.METRIC.name: each.METRIC
    for each in (
        deployment_frequency,
        lead_time,
        change_fail_rate,
        recovery_time,
        rework_rate,
        cycles,
        cycles_per_day,
        cycles_per_trading_day,
        scan_time,
        scan_time_incremental,
        scan_queue,
        regression_time,
        regression_queue,
        regression_efficiency,
        regression_pass_rate,
        approval_wait,
        automation_coverage,
        lines_of_code,
        commits,
        cost_per_value,
        incident_rate,
    )
}


def metric(name: str) -> Metric:
    """The metric by name; NotFound names those that exist."""
    if name not in METRICS:
        raise NotFound(f"metric {name} does not exist; there are {', '.join(METRICS)}")
    return METRICS[name]
