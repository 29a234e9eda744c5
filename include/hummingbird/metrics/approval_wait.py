"""Approval waiting time; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="approval_wait",
    title="Approval waiting time",
    about="From a question to people to their decision.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.APPROVAL_WAIT,),
)
