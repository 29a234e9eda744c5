"""Regression pass rate; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="regression_pass_rate",
    title="Regression pass rate",
    about="Cases that passed at the first try, of those selected.",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    chart=Chart.LINE,
    form=Form.RATIO,
    facts=(FactKind.REGRESSION_PASSED,),
    over=(FactKind.REGRESSION_CASES,),
)
