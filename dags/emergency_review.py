"""Airflow DAG: look at a glass that was broken: was it an emergency, and what follows?

Started by the notary when the glass is broken; waits, holding nothing, for somebody else than the two.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import REVIEW, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, REVIEW, tags=("approval", "emergency")):
    steps.admit_review() >> steps.review() >> steps.settle_review() >> steps.conclude()
