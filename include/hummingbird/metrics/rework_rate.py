"""Deployment rework rate; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="rework_rate",
    title="Deployment rework rate",
    about="Unplanned production deployments (hotfixes), of all.",
    unit=Unit.SHARE,
    better=Better.LOWER,
    chart=Chart.LINE,
    form=Form.SHARE,
    facts=(FactKind.REWORK,),
)
