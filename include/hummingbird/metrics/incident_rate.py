"""Incident rate; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="incident_rate",
    title="Incident rate",
    about="Production incidents for every 100 production deployments.",
    unit=Unit.PER_100,
    better=Better.LOWER,
    chart=Chart.LINE,
    form=Form.RATIO,
    facts=(FactKind.INCIDENT,),
    over=(FactKind.DEPLOYMENT,),
    scale=100.0,
)
