"""Regression queueing; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="regression_queue",
    title="Regression queueing",
    about="From the opened queue to the first case handed out.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.REGRESSION_QUEUE,),
)
