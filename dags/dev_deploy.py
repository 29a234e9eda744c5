"""Airflow DAG: deploy a build of develop to the development environment, without asking anybody.

Started after build. Green scan, green unit tests and a signed build are what it takes.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import COMPONENT, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, COMPONENT, tags=("deploy", "dev")):
    admitted = steps.admit_dev()
    warranted = steps.obtain_warrant_for_all()
    deployed = steps.deploy_one_by_one(warranted)

    admitted >> steps.seal_bundle() >> warranted
    [warranted, deployed] >> steps.report_deployments() >> steps.conclude()
