"""The catalogue loads, and every mistake is told by file, line and field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from builders import CATALOGUE_FOLDER, the_catalogue
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.errors import Invalid, NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOGUE_FOLDER, tmp_path / "catalog"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_repository_s_own_catalogue_is_sound() -> None:
    catalogue = the_catalogue()
    assert catalogue.environment("prod").approval.roles == ["release_approver", "operations_approver"]
    assert catalogue.component("order-gateway").gitlab_project == "trading/order-gateway"


def test_the_policy_version_is_the_content_so_any_edit_is_another_policy(folder: Path) -> None:
    before = load_catalogue(folder).policy_version
    assert before == the_catalogue().policy_version
    change(folder, "environments.yaml", "valid_hours: 24", "valid_hours: 23")
    assert load_catalogue(folder).policy_version != before


MISTAKES = [
    (
        "roles.yaml",
        "airflow_role: ReleaseManager}",
        "airflow_role: ReleaseManger}",
        "roles.release_manager.airflow_role",
        "airflow_roles describes no ReleaseManger",
    ),
    (
        "roles.yaml",
        "  Auditor: {audit_log: true}",
        "  Auditor: {audit_log: true}\n  Viewer: {starts: [scan]}",
        "airflow_roles.Viewer",
        "Airflow fills this role by itself",
    ),
    (
        "roles.yaml",
        "  Approver: {starts: [withdraw], answers: [approval, emergency_review]}",
        "  Approver: {answers: [approval, emergency_review], pauses: [approval]}",
        "airflow_roles.Approver.pauses",
        "whoever answers prompts pauses no path",
    ),
    (
        "roles.yaml",
        "platform_role: Platform",
        "platform_role: Robot",
        "platform_role",
        "airflow_roles describes no Robot",
    ),
    (
        "components.yaml",
        "      path: tests_functional\n",
        "      path: tests_functional\n      nightly: true\n",
        "order-gateway.suites.functional",
        "give the nightly suite a name of its own",
    ),
    (
        "schedules.yaml",
        "metric_rollup:",
        "metric_rolup:",
        "schedules.yaml:6: metric_rolup",
        "no path of that name has a schedule",
    ),
    (
        "gates.yaml",
        "  environment: test",
        "  environment: tset",
        "regression.environment",
        "no environment is named tset",
    ),
    (
        "components.yaml",
        "calls: [quote-service]",
        "calls: [price-service]",
        "components.yaml:11: order-gateway.calls",
        "no component is named price-service",
    ),
    (
        "components.yaml",
        "calls: [quote-service]",
        "calls: [trade-web]",
        "components.yaml:11: order-gateway.calls",
        "order-gateway → trade-web → order-gateway",
    ),
    (
        "environments.yaml",
        "waves: [[dev]]",
        "waves: [[nowhere]]",
        "environments.yaml:",
        "no cluster is named nowhere",
    ),
    ("environments.yaml", "suites_green", "suites_gren", "gates", "no gate is named suites_gren"),
    (
        "environments.yaml",
        "roles: [test_lead]",
        "roles: [nobody]",
        "environments.yaml:",
        "no role is named nobody",
    ),
    (
        "environments.yaml",
        "    - approvals_complete\n",
        "",
        "environments.yaml:",
        "approvals_complete is not",
    ),
    (
        "environments.yaml",
        "passes: [window_open, suites_green]",
        "passes: [build_signed]",
        "prod.emergency.passes",
        "build_signed is passed by no emergency; it may pass suites_green, window_open",
    ),
    (
        "environments.yaml",
        "started_by: [release_manager, operations]",
        "started_by: [nobody]",
        "prod.emergency",
        "no role is named nobody",
    ),
    (
        "environments.yaml",
        "    panels: [{any_of: [release_approver, operations_approver], people: 1}]\n",
        "",
        "prod.emergency",
        "a second person must sign",
    ),
    ("environments.yaml", "waves: [[dev]]", "waves: [[dev, test]]", "test.waves", "belongs to dev already"),
    ("environments.yaml", "waves: [[dev]]", "waves: [[dev], [dev]]", "dev.waves", "dev is named twice"),
    ("environments.yaml", "waves: [[dev]]", "waves: [[dev], []]", "dev.waves", "a cluster in each"),
    (
        "environments.yaml",
        "[prod-huawei, prod-industry]]",
        "[prod-huawei], [prod-industry]]",
        "prod.waves",
        "3 waves",
    ),
    ("environments.yaml", "path: dev_deploy", "path: test_deploy", "test.path", "to dev already"),
    ("environments.yaml", "proceed\n", "wait\n", "prod.when_unreachable", "'proceed' or 'stop'"),
    (
        "clusters.yaml",
        "connection: cluster_prod_huawei",
        "connection: cluster_prod_private",
        "prod-huawei.connection",
        "belongs to prod-private already",
    ),
    (
        "clusters.yaml",
        "registry_project: trading-prod-huawei",
        "registry_project: trading-test",
        "prod-huawei.registry_project",
        "belongs to test already",
    ),
    ("components.yaml", "port: 8080", "port: 80", "components.yaml:", "greater than or equal to 1024"),
    ("components.yaml", "  unit_tests: tests\n", "", "components.yaml:", "unit_tests"),
    (
        "components.yaml",
        "languages: [python]",
        "languages: [cobol]",
        "components.yaml:",
        "no scanner is set for cobol",
    ),
    (
        "components.yaml",
        "    prod: config/prod.properties\n",
        "",
        "configuration",
        "prod has no configuration",
    ),
    ("roles.yaml", "airflow: auditor", "airflow: Test_Lead", "roles.yaml:", "belongs to test_lead already"),
    ("roles.yaml", "airflow: auditor", "airflow: platform", "roles.yaml:", "belongs to no person"),
    (
        "roles.yaml",
        "airflow: auditor",
        "airflow: auditor, also: {airflow: [TEST_LEAD]}",
        "auditor.airflow",
        "TEST_LEAD belongs to test_lead already",
    ),
    (
        "roles.yaml",
        "airflow: auditor",
        "airflow: auditor, also: {slack: [x]}",
        "auditor.also",
        "no system is named slack",
    ),
    (
        "environments.yaml",
        "approval: {roles: [test_lead]",
        "approval: {panels: [{any_of: [nobody], people: 2}]",
        "environments.yaml:",
        "no role is named nobody",
    ),
    ("gates.yaml", "python: [semgrep", "python: [sonar", "gates.yaml:", "no scanner is named sonar"),
    ("clusters.yaml", "tools:\n", "tools: x\nother:\n", "clusters.yaml:3", "expected fields"),
    ("calendars.yaml", "production:", "production: [", "calendars.yaml:", "not YAML"),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "why"), MISTAKES)
def test_a_mistake_is_told_with_its_place(
    folder: Path, file: str, old: str, new: str, where: str, why: str
) -> None:
    change(folder, file, old, new)
    with pytest.raises(Invalid) as told:
        load_catalogue(folder)
    assert where in str(told.value)
    assert why in str(told.value)


def test_the_line_is_that_of_the_field(folder: Path) -> None:
    change(folder, "components.yaml", "port: 8080", "port: eighty")
    text = (folder / "components.yaml").read_text("utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if "eighty" in row)
    with pytest.raises(Invalid, match=rf"components\.yaml:{line}: order-gateway\.workload\.port"):
        load_catalogue(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "roles.yaml").unlink()
    with pytest.raises(Invalid, match=r"roles\.yaml: the file is missing"):
        load_catalogue(folder)


def test_an_unknown_component_names_those_that_exist() -> None:
    with pytest.raises(NotFound, match="order-gateway"):
        the_catalogue().component("nothing")


def test_a_person_is_found_by_any_account_whatever_its_case() -> None:
    catalogue = the_catalogue()
    found = [
        catalogue.person_of(airflow="TEST_LEAD"),
        catalogue.person_of(gitlab="test_lead"),
        catalogue.person_of(email="Test_Lead@hummingbird.example"),
    ]
    assert found == [catalogue.persons["test_lead"]] * 3
    assert catalogue.person_of(airflow="stranger") is None


def test_production_is_three_clouds_in_two_waves() -> None:
    production = the_catalogue().production
    assert production.name == "prod"
    assert production.waves == [["prod-private"], ["prod-huawei", "prod-industry"]]
    assert {the_catalogue().clusters[name].cloud for name in production.clusters} == {
        "private",
        "huawei",
        "industry",
    }


def test_a_path_finds_its_environment_and_an_unknown_one_is_named() -> None:
    catalogue = the_catalogue()
    assert catalogue.environment_of("test_deploy").name == "test"
    with pytest.raises(NotFound, match="names nothing_deploy as its path"):
        catalogue.environment_of("nothing_deploy")


@pytest.mark.parametrize(
    ("file", "below", "asked"),
    [
        ("components.yaml", "  workload:\n", "privileged: true"),
        ("components.yaml", "  workload:\n", "hostNetwork: true"),
        ("components.yaml", "  workload:\n", "hostPath: /"),
        ("components.yaml", "  workload:\n", "securityContext: {runAsUser: 0}"),
        ("components.yaml", "  workload:\n", "serviceAccountName: cluster-admin"),
        ("components.yaml", "  workload:\n", "image: 'busybox:latest'"),
        ("components.yaml", "  workload:\n", "args: ['{{ conn.harbor_default.password }}']"),
    ],
)
def test_a_component_cannot_ask_for_a_privilege(folder: Path, file: str, below: str, asked: str) -> None:
    load_catalogue(folder)
    change(folder, file, below, f"{below}    {asked}\n")
    with pytest.raises(Invalid, match="Extra inputs are not permitted"):
        load_catalogue(folder)
