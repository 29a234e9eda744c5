"""Cost per value point; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="cost_per_value",
    title="Cost per value point",
    about="Work and computing of the delivered stories that have value points, for each point.",
    unit=Unit.COST_PER_POINT,
    better=Better.LOWER,
    chart=Chart.LINE,
    form=Form.RATIO,
    facts=(FactKind.COST,),
    over=(FactKind.VALUE,),
)
