"""The vocabulary DAG files are written in: one function a step, each a task or an operator."""

from hummingbird.orchestration.steps.admission import (
    admit_approval,
    admit_change,
    admit_dev,
    admit_emergency,
    admit_prod,
    admit_promotion,
    admit_review,
    admit_rollback,
    admit_test,
    admit_withdrawal,
)
from hummingbird.orchestration.steps.approving import (
    ask_people,
    await_people,
    decide,
    decide_at_once,
    sign,
    start_approval,
)
from hummingbird.orchestration.steps.building import (
    await_pipeline,
    record_build,
    start_pipeline,
)
from hummingbird.orchestration.steps.chaining import (
    build_each,
    build_next,
    deploy_to_dev_next,
    promote,
    scan_each,
)
from hummingbird.orchestration.steps.concluding import close_story, conclude, finish
from hummingbird.orchestration.steps.deploying import (
    deploy,
    deploy_one_by_one,
    obtain_warrant,
    obtain_warrant_for_all,
    report_before_suites,
    report_deployments,
    report_first_wave,
    report_later_waves,
    report_suites,
    run_suites,
)
from hummingbird.orchestration.steps.measuring import (
    admit_rollup,
    observe_code,
    observe_deliveries,
    observe_stories,
    report_rollup,
    roll_up,
)
from hummingbird.orchestration.steps.nightly import (
    admit_night,
    open_queue,
    report_night,
    run_cases,
    select_cases,
)
from hummingbird.orchestration.steps.promoting import (
    check_images,
    copy_images,
    copy_packages,
    record_promotion,
)
from hummingbird.orchestration.steps.publishing import admit_publication, publish_head
from hummingbird.orchestration.steps.reviewing import review, settle_review
from hummingbird.orchestration.steps.scanning import report_scan, scan
from hummingbird.orchestration.steps.scheduling import conclude_scheduled
from hummingbird.orchestration.steps.sealing import seal_bundle
from hummingbird.orchestration.steps.withdrawing import withdraw

__all__ = [
    "admit_approval",
    "admit_change",
    "admit_dev",
    "admit_emergency",
    "admit_night",
    "admit_prod",
    "admit_promotion",
    "admit_publication",
    "admit_review",
    "admit_rollback",
    "admit_rollup",
    "admit_test",
    "admit_withdrawal",
    "ask_people",
    "await_people",
    "await_pipeline",
    "build_each",
    "build_next",
    "check_images",
    "close_story",
    "conclude",
    "conclude_scheduled",
    "copy_images",
    "copy_packages",
    "decide",
    "decide_at_once",
    "deploy",
    "deploy_one_by_one",
    "deploy_to_dev_next",
    "finish",
    "observe_code",
    "observe_deliveries",
    "observe_stories",
    "obtain_warrant",
    "obtain_warrant_for_all",
    "open_queue",
    "promote",
    "publish_head",
    "record_build",
    "record_promotion",
    "report_before_suites",
    "report_deployments",
    "report_first_wave",
    "report_later_waves",
    "report_night",
    "report_rollup",
    "report_scan",
    "report_suites",
    "review",
    "roll_up",
    "run_cases",
    "run_suites",
    "scan",
    "scan_each",
    "seal_bundle",
    "select_cases",
    "settle_review",
    "sign",
    "start_approval",
    "start_pipeline",
    "withdraw",
]
