"""Regression time; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="regression_time",
    title="Regression time",
    about="A night's regression from the first case to the last.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.REGRESSION,),
)
