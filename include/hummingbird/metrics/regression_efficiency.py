"""Regression efficiency; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="regression_efficiency",
    title="Regression efficiency",
    about="Durations of the cases, of the pods' time.",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    chart=Chart.LINE,
    form=Form.RATIO,
    facts=(FactKind.REGRESSION_WORK,),
    over=(FactKind.REGRESSION_CAPACITY,),
)
