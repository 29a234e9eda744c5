"""CI/CD cycles a day; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="cycles_per_day",
    title="CI/CD cycles a day",
    about="Cycles for each calendar day.",
    unit=Unit.PER_DAY,
    better=Better.HIGHER,
    chart=Chart.LINE,
    form=Form.PER_DAY,
    facts=(FactKind.CYCLE,),
)
