"""Airflow DAG: scan one commit, run its unit tests, and answer the developer.

Started by a push (incremental), by test_deploy and prod_deploy (full), or by a person with a story.
Green pushes to develop, release and hotfix branches go on to build.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import COMPONENT, MODE, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, COMPONENT, MODE, tags=("scan",)):
    (steps.admit_change() >> steps.scan() >> steps.report_scan() >> steps.build_next() >> steps.conclude())
