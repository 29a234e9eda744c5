"""CI/CD cycles; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="cycles",
    title="CI/CD cycles",
    about="Bundles that reached success or failure in an environment; a retry counts once.",
    unit=Unit.COUNT,
    better=Better.NONE,
    chart=Chart.BAR,
    form=Form.COUNT,
    facts=(FactKind.CYCLE,),
)
