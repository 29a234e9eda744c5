"""Commits; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="commits",
    title="Commits",
    about="Commits that came to develop or master.",
    unit=Unit.COUNT,
    better=Better.NONE,
    chart=Chart.BAR,
    form=Form.COUNT,
    facts=(FactKind.COMMIT,),
)
