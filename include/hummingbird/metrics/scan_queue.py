"""Scan queueing; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="scan_queue",
    title="Scan queueing",
    about="From a scan's admission to the beginning of its work.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.SCAN_QUEUE,),
)
