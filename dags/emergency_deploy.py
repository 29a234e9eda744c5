"""Airflow DAG: break the glass: bring the bundle that passed test to production past shut gates.

Started by a release manager or operations with a story, an open incident and a reason; a second person signs.
Good once, for minutes. Afterwards somebody who was neither of the two looks at it, see emergency_review.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import EMERGENCY, ENVIRONMENT, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, EMERGENCY, ENVIRONMENT, tags=("deploy", "prod", "emergency")):
    components = steps.admit_emergency()
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
