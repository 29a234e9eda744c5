"""CI/CD cycles a trading day; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="cycles_per_trading_day",
    title="CI/CD cycles a trading day",
    about="Cycles for each day on which Shanghai's exchange trades.",
    unit=Unit.PER_DAY,
    better=Better.HIGHER,
    chart=Chart.LINE,
    form=Form.PER_TRADING_DAY,
    facts=(FactKind.CYCLE,),
)
