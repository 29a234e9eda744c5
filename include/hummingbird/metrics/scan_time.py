"""Full scan time; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="scan_time",
    title="Full scan time",
    about="Length of a full static scan with unit tests, without queueing.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.SCAN_FULL,),
)
