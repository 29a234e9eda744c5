"""Airflow DAG: build one commit by its project's own pipeline, once, and record what it made, signed.

Started after a green scan of a push, by test_deploy, or by a person with a story. A commit that was built
before is not built again. Builds of develop go on to dev_deploy.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import COMPONENT, MODE, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, COMPONENT, MODE, tags=("build",)):
    (
        steps.admit_change()
        >> steps.start_pipeline()
        >> steps.await_pipeline()
        >> steps.record_build()
        >> steps.deploy_to_dev_next()
        >> steps.conclude()
    )
