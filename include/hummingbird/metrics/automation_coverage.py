"""Test automation coverage; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="automation_coverage",
    title="Test automation coverage",
    about="Automated test cases of the stories delivered, of those catalogued.",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    chart=Chart.LINE,
    form=Form.RATIO,
    facts=(FactKind.CASES_AUTOMATED,),
    over=(FactKind.CASES_CATALOGUED,),
)
