"""Lines of code; docs/metrics.md defines it."""

from hummingbird.core.metric import Better, Chart, FactKind, Form, Metric, Unit

METRIC = Metric(
    name="lines_of_code",
    title="Lines of code",
    about="Lines that are not blank, by the last count of the period.",
    unit=Unit.LINES,
    better=Better.NONE,
    chart=Chart.LINE,
    form=Form.STOCK,
    facts=(FactKind.LINES,),
)
