"""Airflow DAG: run every component's nightly suites against what runs in test, and report the night.

Started by schedule, or by a person. Pods pull cases from a queue, the longest first; a lost pod's cases run
in another one. The report says what newly fails, and that every selected case was executed.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import delivery_path

with delivery_path(__file__, __doc__, tags=("regression",), scheduled=True):
    components = steps.admit_night()
    opened = steps.open_queue()
    ran = steps.run_cases(opened)

    components >> steps.select_cases(components) >> opened
    [opened, ran] >> steps.report_night() >> steps.conclude_scheduled(["run_cases"])
