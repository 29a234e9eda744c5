"""Incremental scan time; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="scan_time_incremental",
    title="Incremental scan time",
    about="Length of a scan of what changed, without queueing.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.SCAN_INCREMENTAL,),
)
