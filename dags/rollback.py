"""Airflow DAG: undo a story's bundle where it runs: each cluster back to what ran there before it.

Started by a person with a story. Image and configuration go together; nobody is asked when an image is gone.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import ENVIRONMENT, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, ENVIRONMENT, tags=("deploy", "rollback")):
    warranted = steps.obtain_warrant_for_all()
    deployed = steps.deploy(warranted)

    (
        steps.admit_rollback()
        >> steps.check_images()
        >> steps.ask_people()
        >> steps.start_approval()
        >> steps.await_people()
        >> warranted
    )
    [warranted, deployed] >> steps.report_deployments() >> steps.conclude()
