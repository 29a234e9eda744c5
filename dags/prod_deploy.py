"""Airflow DAG: bring the bundle that passed test to production, wave by wave, or back when it does not serve.

Started by a person with a story. Full scan, gates, approval, promotion, warrant, deployment; then master
holds it and is tagged, and the story is closed.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, tags=("deploy", "prod")):
    components = steps.admit_prod()
    warranted = steps.obtain_warrant()
    first_wave = steps.deploy(warranted)
    others = steps.report_first_wave()
    later_waves = steps.deploy(others, "deploy_later_waves")
    finished = steps.finish()

    (
        components
        >> steps.scan_each(components)
        >> steps.ask_people()
        >> steps.start_approval()
        >> steps.await_people()
        >> steps.promote()
        >> warranted
    )
    [warranted, first_wave] >> others
    [warranted, later_waves] >> steps.report_later_waves() >> finished
    finished >> steps.close_story() >> steps.conclude()
