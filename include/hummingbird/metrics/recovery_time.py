"""Failed deployment recovery time; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="recovery_time",
    title="Failed deployment recovery time",
    about="From a production deployment that failed to its rollback, hotfix or resolved incident.",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    chart=Chart.BAND,
    form=Form.SPREAD,
    facts=(FactKind.RECOVERY,),
)
