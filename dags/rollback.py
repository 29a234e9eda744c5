"""Airflow DAG: go back to what ran before a story's bundle, image and configuration together.

Started by a person with a story. The images of the target are checked before anybody is asked.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import ENVIRONMENT, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, ENVIRONMENT, tags=("deploy", "rollback")):
    warranted = steps.obtain_warrant()
    deployed = steps.deploy(warranted)

    (
        steps.admit_rollback()
        >> steps.check_images()
        >> steps.ask_people()
        >> steps.start_approval()
        >> steps.await_people()
        >> warranted
    )
    deployed >> steps.report_deployments() >> steps.conclude()
