"""DAG files parse quickly, are thin, and carry what people need: tags, documents, parameters, retries."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders import the_catalogue

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
SCHEDULED = {"metric_rollup", "nightly_regression", "publish_head"}
STORY_PATHS = {
    "scan", "build", "dev_deploy", "test_deploy", "approval", "promote", "prod_deploy", "rollback",
    "withdraw", "emergency_deploy", "emergency_review",
}  # fmt: skip
PATHS = STORY_PATHS | SCHEDULED


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("AIRFLOW__CORE__UNIT_TEST_MODE", "True")
        from airflow.dag_processing.dagbag import DagBag

        yield DagBag(dag_folder=str(ROOT / "dags"))


def test_every_path_of_the_design_is_a_dag_of_its_file_s_name(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == PATHS
    assert {Path(dag.fileloc).stem for dag in bag.dags.values()} == PATHS


def test_parsing_again_takes_less_than_half_a_second_a_file(bag: Any) -> None:
    from airflow.dag_processing.dagbag import DagBag

    begin = time.process_time()
    DagBag(dag_folder=str(ROOT / "dags"))
    assert time.process_time() - begin < 0.5 * len(FILES)


def test_every_dag_says_what_it_does_and_is_tagged(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md, dag.dag_id
        assert dag.description, dag.dag_id
        assert "delivery" in dag.tags, dag.dag_id
        assert (dag.schedule is not None) is (dag.dag_id in SCHEDULED), dag.dag_id
        assert not dag.catchup, dag.dag_id


def test_a_scheduled_path_starts_when_the_catalogue_says_one_run_at_a_time(bag: Any) -> None:
    for name in SCHEDULED:
        dag, schedule = bag.dags[name], the_catalogue().schedules[name]
        when = dag.schedule
        assert (when.expression, str(when.timezone)) == (schedule.cron, schedule.timezone), name
        assert dag.max_active_runs == 1, name


def test_a_thousand_runs_that_wait_for_people_stop_no_other(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.dag_id in SCHEDULED or dag.max_active_runs > 1000, dag.dag_id


def test_every_parameter_has_a_schema_a_title_and_a_description(bag: Any) -> None:
    for dag in bag.dags.values():
        for name in dag.params:
            param = dag.params.get_param(name)
            assert param.description, f"{dag.dag_id}.{name}"
            assert param.schema.get("title"), f"{dag.dag_id}.{name}"
            assert param.schema.get("type"), f"{dag.dag_id}.{name}"


def test_every_task_is_tried_again_by_the_platform_s_rules_and_says_its_outcome(bag: Any) -> None:
    for dag in bag.dags.values():
        for task in dag.tasks:
            where = f"{dag.dag_id}.{task.task_id}"
            assert task.retries >= 2, where
            assert task.retry_policy is not None, where
            assert task.on_failure_callback, where
            assert task.on_success_callback, where


def test_every_path_begins_at_the_door_and_ends_with_its_conclusion(bag: Any) -> None:
    for dag in bag.dags.values():
        assert [task.task_id for task in dag.roots] == ["admit"], dag.dag_id
        assert [task.task_id for task in dag.leaves] == ["conclude"], dag.dag_id
        assert dag.get_task("conclude").trigger_rule == "all_done", dag.dag_id


def test_a_path_without_a_story_ends_with_the_conclusion_that_needs_no_plan(bag: Any) -> None:
    for dag in bag.dags.values():
        concluding = dag.get_task("conclude").python_callable.__name__
        assert (concluding == "conclude_scheduled") is (dag.dag_id in SCHEDULED), dag.dag_id


def test_nothing_that_deploys_comes_without_a_warrant_before_it(bag: Any) -> None:
    for dag in bag.dags.values():
        for task in dag.tasks:
            if task.task_id.startswith("deploy"):
                assert "obtain_warrant" in task.get_flat_relative_ids(upstream=True), dag.dag_id


def test_an_emergency_goes_the_way_of_every_release_and_differs_in_its_door_alone(bag: Any) -> None:
    normal, urgent = (_wiring(bag.dags[name]) for name in ("prod_deploy", "emergency_deploy"))
    assert {"admit_emergency" if task == "admit_prod" else task for task in normal} == set(urgent)
    for task, after in normal.items():
        same = "admit_emergency" if task == "admit_prod" else task
        assert {"admit_emergency" if one == "admit_prod" else one for one in after} == urgent[same], task


def _wiring(dag: Any) -> dict[str, set[str]]:
    """Task → the tasks after it."""
    return {task.task_id: set(task.downstream_task_ids) for task in dag.tasks}


def test_a_story_is_closed_only_after_what_was_delivered_came_back(bag: Any) -> None:
    to_production = ("prod_deploy", "emergency_deploy")
    for name in to_production:
        tasks = bag.dags[name]
        assert "report_later_waves" in tasks.get_task("finish").get_flat_relative_ids(upstream=True)
        assert tasks.get_task("close_story").upstream_task_ids == {"finish"}
        assert tasks.get_task("finish").trigger_rule == "none_failed"
    others = [dag for name, dag in bag.dags.items() if name not in to_production]
    assert not any("finish" in dag.task_ids for dag in others)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_has_no_logic_and_few_lines(path: Path) -> None:
    text = path.read_text("utf-8")
    banned = (ast.If, ast.For, ast.While, ast.Try, ast.FunctionDef, ast.ClassDef, ast.Lambda)
    found = [type(node).__name__ for node in ast.walk(ast.parse(text)) if isinstance(node, banned)]
    assert found == []
    assert len(text.splitlines()) <= 60


def test_the_plugin_folder_holds_one_file_that_loads() -> None:
    files = [path.name for path in (ROOT / "plugins").glob("*.py")]
    assert files == ["delivery_plugin.py"]
    code = "import delivery_plugin; print(delivery_plugin.DeliveryPlugin.name)"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT / 'include'}"}
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "delivery" in shown.stdout
