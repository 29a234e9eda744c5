"""Airflow DAG: take back a signature, or a question, about a story before it is used.

Started by whoever signed or asked, with story and reason. The run that waits ends; a new one asks again.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import REASON, STORY, WHERE, delivery_path

with delivery_path(__file__, __doc__, STORY, WHERE, REASON, tags=("approval",)):
    steps.admit_withdrawal() >> steps.withdraw() >> steps.conclude()
