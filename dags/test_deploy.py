"""Airflow DAG: bring a story's release candidate to test, and test it there.

Started by a person with a story. Full scan, build, sealed bundle, approval, promotion, deployment, suites.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, tags=("deploy", "test")):
    components = steps.admit_test()
    warranted = steps.obtain_warrant_for_all()
    deployed = steps.deploy(warranted)
    suites = steps.report_before_suites()
    tested = steps.run_suites(suites)

    (
        components
        >> steps.scan_each(components)
        >> steps.build_each(components)
        >> steps.seal_bundle()
        >> steps.ask_people()
        >> steps.start_approval()
        >> steps.await_people()
        >> steps.promote()
        >> warranted
    )
    [warranted, deployed] >> suites
    tested >> steps.report_suites() >> steps.conclude()
