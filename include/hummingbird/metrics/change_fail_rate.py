"""Change fail rate; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="change_fail_rate",
    title="Change fail rate",
    about="Production deployments that were rolled back, mended by a hotfix or caused an incident, of all.",
    unit=Unit.SHARE,
    better=Better.LOWER,
    chart=Chart.LINE,
    form=Form.SHARE,
    facts=(FactKind.CHANGE,),
)
