"""Airflow DAG: publish the ledger's newest hash outside of its database, as a signed git tag.

Started by its schedule, once a day, or by operations. A ledger that is rewritten afterwards no longer fits
the published tags: docs/evidence.md says how anybody checks that.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import delivery_path

with delivery_path(__file__, __doc__, tags=("ledger",), scheduled=True):
    steps.admit_publication() >> steps.publish_head() >> steps.conclude_scheduled()
