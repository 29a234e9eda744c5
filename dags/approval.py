"""Airflow DAG: collect the signatures of one approval request, and wake the run that waits.

Started by test_deploy, prod_deploy and rollback. What counts is what the notary recorded, not a task's state.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import REQUEST, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, REQUEST, tags=("approval",)):
    required = steps.admit_approval()
    signed = steps.sign(required)

    signed >> [steps.decide(required), steps.decide_at_once(required)] >> steps.conclude()
