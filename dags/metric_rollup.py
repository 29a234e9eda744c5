"""Airflow DAG: make the metrics: what other systems say is recorded, then the ledger becomes figures.

Started by its schedule, or by a person. Figures that break an expectation are not published: those of the
rollup before stay, and the run says which expectation and which row.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import ROLLUP, delivery_path

with delivery_path(__file__, __doc__, ROLLUP, tags=("metrics",), scheduled=True):
    (
        steps.admit_rollup()
        >> [steps.observe_stories(), steps.observe_deliveries(), steps.observe_code()]
        >> steps.roll_up()
        >> steps.report_rollup()
        >> steps.conclude_scheduled()
    )
