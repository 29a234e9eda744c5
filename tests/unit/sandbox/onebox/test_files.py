import json
import stat

import pytest
import yaml

from builders import the_catalogue
from hummingbird.core.airflow_accounts import airflow_accounts
from hummingbird.notary.ways import ways_of
from sandbox.onebox.airflow_environment import airflow_environment, auth_manager
from sandbox.onebox.connections import connections
from sandbox.onebox.fingerprint import fingerprint
from sandbox.onebox.place import LONGEST_SOCKET_PATH, REPOSITORY, SOCKET_NAME, Place
from sandbox.onebox.platform_environment import notary_environment
from sandbox.onebox.secret_files import write_secret_files
from sandbox.world import ACCOUNTS


@pytest.fixture
def place(tmp_path):
    place = Place(home=tmp_path / "home", port_base=29900)
    place.create()
    return place


def test_every_secret_file_is_for_its_owner_alone(place):
    write_secret_files(place)
    files = [*place.secrets.glob("*.json"), *place.secrets.glob("*.token"), place.accounts_file]
    assert len(files) >= 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_settings_file_holds_no_secret():
    document = yaml.safe_load((REPOSITORY / "airflow_settings.yaml").read_text("utf-8"))
    for connection in document["airflow"]["connections"]:
        assert not {"conn_password", "conn_uri"} & set(connection)
        assert not {"kube_config", "token", "password"} & set(connection.get("conn_extra", {}))


def test_connections_point_to_the_sandbox_and_name_the_toolbox_by_digest(place):
    found = connections(place, "127.0.0.1:29904/platform/toolbox@sha256:" + "0" * 64)
    assert found["jira_default"]["host"] == "http://127.0.0.1:29902"
    extra = found["cluster_test"]["extra"]
    assert extra["toolbox_image"].endswith("0" * 64)
    assert json.loads(extra["kube_config"])["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:29912"


def test_airflow_listens_on_the_loopback_address_only(place):
    environment = airflow_environment(place)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__HOSTNAME_CALLABLE"] == "sandbox.onebox.loopback.host_name"
    assert environment["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_the_platforms_own_auth_manager_is_used():
    assert auth_manager() == "hummingbird.orchestration.auth.DeliveryAuthManager"


def test_a_long_home_gets_a_short_socket_folder(tmp_path):
    near, far = Place(tmp_path, 1024), Place(tmp_path / ("x" * 100), 1024)
    assert near.socket_folder() == tmp_path / "socket"
    assert len(str(far.socket_folder() / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    assert far.socket_folder() != Place(tmp_path / ("y" * 100), 1024).socket_folder()


def test_the_world_has_exactly_the_accounts_of_the_catalogue():
    assert set(airflow_accounts(the_catalogue())) == set(ACCOUNTS)


def test_a_fingerprint_follows_content_and_not_compiled_files(tmp_path):
    (tmp_path / "a.py").write_text("1")
    before = fingerprint(tmp_path)
    (tmp_path / "a.pyc").write_text("x")
    assert fingerprint(tmp_path) == before
    (tmp_path / "a.py").write_text("2")
    assert fingerprint(tmp_path) != before


def test_the_notary_reaches_jira_and_jira_the_notary_with_one_secret(place):
    write_secret_files(place)
    named = notary_environment(place)["HB_NOTICES_FILE"]
    messengers = ways_of({"HB_NOTICES_FILE": named}).messengers
    (hook,) = json.loads((place.world.folder("jira") / "webhooks.json").read_text())
    assert messengers.desk is not None
    assert messengers.tracker is None, "stories get no comments"
    assert hook == {"url": f"{place.notary_url}/webhooks/jira", "secret": messengers.hook_secret}
    assert len(hook["secret"]) >= 16
