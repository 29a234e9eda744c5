"""Deployment frequency; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="deployment_frequency",
    title="Deployment frequency",
    about="Bundles that came to serve in production, a day; days without one count.",
    unit=Unit.PER_DAY,
    better=Better.HIGHER,
    chart=Chart.BAR,
    form=Form.PER_DAY,
    facts=(FactKind.DEPLOYMENT,),
)
