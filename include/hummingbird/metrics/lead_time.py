"""Lead time for changes; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="lead_time",
    title="Lead time for changes",
    about="From a commit to the production deployment that first carried it.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.LEAD_TIME,),
)
