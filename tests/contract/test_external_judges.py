"""Programs and libraries of others against the stand-ins; what is not on this machine is skipped by name.

kubectl, git, python-gitlab, oras and the kubernetes client judge in tests/unit/sandbox; here is what needs a
program of the machine, and atlassian-python-api's own view of Jira Cloud.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from atlassian.jira import JiraCloud

from contract.vendor.recorder import recording
from hummingbird.clients.adf import document
from hummingbird.clients.container_engine import ContainerEngine, Program
from hummingbird.core.artifact import Image
from hummingbird.core.errors import Unreachable
from hummingbird.workloads import build_image
from sandbox_world import SandboxWorld
from waiting import until

pytestmark = pytest.mark.long

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "headless_shell")
PAGES = {"gitlab": "/trading/order-gateway", "jira": "/browse/HB-101", "apollo": "/"}
PORT = 8080
SERVER = "import http.server,os;http.server.HTTPServer(('',int(os.environ['PORT'])),H).serve_forever()"
HANDLER = """
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'ready')
"""


def program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed on this machine")
    return found


@pytest.fixture(scope="module")
def jira(sandbox: SandboxWorld) -> Iterator[JiraCloud]:
    sandbox.seeded("jira")
    session = requests.Session()
    session.auth = ("developer@hummingbird.example", sandbox.secret("jira.cloud.developer"))
    yield JiraCloud(sandbox.url("jira"), session=session)
    session.close()


def test_the_library_of_jira_cloud_reads_every_page_of_a_search(jira: JiraCloud) -> None:
    found = jira.enhanced_jql("project = HB ORDER BY key", fields=["summary"], limit=2)
    keys = [issue["key"] for issue in found["issues"]]
    while not found["isLast"]:
        found = jira.enhanced_jql(
            "project = HB ORDER BY key", fields=["summary"], limit=2, nextPageToken=found["nextPageToken"]
        )
        keys += [issue["key"] for issue in found["issues"]]
    everything = jira.enhanced_jql_get_list_of_tickets("project = HB ORDER BY key", fields=["summary"])
    assert keys == [issue["key"] for issue in everything]
    assert len(keys) == len(set(keys)) > 2


def test_the_library_of_jira_cloud_comments_links_and_moves(jira: JiraCloud) -> None:
    fields = {"project": {"key": "HB"}, "issuetype": {"name": "Story"}, "summary": "judged"}
    key = jira.create_issue(data={"fields": fields})["key"]
    body = document("看 https://wiki.example/1")
    assert jira.add_comment(key, data={"body": body})["body"] == body
    assert jira.get_comments(key)["comments"][0]["body"] == body
    link = {"globalId": "g", "object": {"url": "https://wiki.example/", "title": "wiki"}}
    jira.create_or_update_remote_issue_link(key, data=link)
    assert [each["globalId"] for each in jira.get_remote_issue_links(key)] == ["g"]
    [way] = [each for each in jira.get_transitions(key)["transitions"] if each["to"]["name"] == "In Progress"]
    jira.do_transition(key, data={"transition": {"id": way["id"]}})
    assert jira.get_issue(key)["fields"]["status"]["name"] == "In Progress"


@pytest.mark.parametrize("system", PAGES)
def test_a_browser_shows_the_pages_for_people(sandbox: SandboxWorld, tmp_path: Path, system: str) -> None:
    browser = program(*BROWSERS)
    sandbox.seeded("jira", "harbor", "artifactory", "gitlab", "apollo")
    account = f"developer:{sandbox.secret(f'{system}.developer')}".encode()
    signed_in = {"Authorization": f"Basic {base64.b64encode(account).decode()}"} if system != "gitlab" else {}
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
    with recording(sandbox.url(system), signed_in) as signing:  # a headless browser cannot sign in
        shown = subprocess.run(
            [browser, *options, signing.url + PAGES[system]],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "HOME": str(tmp_path)},
        )
    assert shown.returncode == 0, shown.stderr
    assert "order-gateway" in shown.stdout or "HB-101" in shown.stdout, shown.stdout[:500]


def test_podman_pulls_by_digest(sandbox: SandboxWorld, tmp_path: Path) -> None:
    podman = program("podman")
    image = built(sandbox, tmp_path, ["/marker"], {})
    registry = sandbox.url("harbor").removeprefix("http://")
    who = f"puller:{sandbox.secret('harbor.puller')}"
    command = [podman, "--root", str(tmp_path / "root"), "--runroot", str(tmp_path / "run"), "pull"]
    command += ["--tls-verify=false", "--creds", who, f"{registry}/{image.repository}@{image.digest}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_an_image_of_ours_starts_under_docker_or_podman(sandbox: SandboxWorld, tmp_path: Path) -> None:
    try:
        engine = ContainerEngine.found(os.environ)
    except Unreachable as error:
        pytest.skip(str(error))
    (tmp_path / "serve.py").write_text(HANDLER + SERVER)
    interpreter = str(Path(sys.executable).resolve())
    image = built(
        sandbox, tmp_path, [interpreter, "/app/serve.py"], {**python_files(), "/app": str(tmp_path)}
    )
    registry = sandbox.url("harbor").removeprefix("http://")
    engine.pull(registry, image, "puller", sandbox.secret("harbor.puller"))
    wanted = Program(
        name="judged", image=image, port=PORT, memory="256m", variables={"PORT": str(PORT)}, files={}
    )
    container = engine.start(registry, wanted)
    try:
        address = engine.place(container, PORT)
        assert until(lambda: answers(f"{address}/readyz") or engine.ended(container)) == "ready"
    finally:
        engine.remove(container)
        engine.close()


def built(sandbox: SandboxWorld, folder: Path, command: list[str], added: dict[str, str]) -> Image:
    """An image from scratch, made by our builder and pushed to the stand-in registry."""
    sandbox.seeded("harbor")
    environment = pytest.MonkeyPatch()
    environment.setenv("HARBOR_USER", "administrator")
    environment.setenv("HARBOR_PASSWORD", sandbox.secret("harbor.administrator"))
    (folder / "marker").write_text("judged")
    words = "[" + ",".join(f'"{word}"' for word in command) + "]"
    arguments = ["--base", "scratch", "--registry", sandbox.url("harbor"), "--cmd", words]
    arguments += ["--repository", "trading-dev/judged", "--digest-file", str(folder / "digest")]
    for there, here in {**added, "/marker": str(folder / "marker")}.items():
        arguments += ["--add", f"{here}:{there}"]
    with environment.context():
        assert build_image.main(arguments) == 0
    environment.undo()
    return Image(repository="trading-dev/judged", digest=(folder / "digest").read_text().strip())


def python_files() -> dict[str, str]:
    """This interpreter, its standard library and the shared libraries of both, at their own places."""
    interpreter = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    listed = subprocess.run(["ldd", str(interpreter)], capture_output=True, text=True, check=True).stdout
    found = {word for line in listed.splitlines() for word in line.split() if word.startswith("/")}
    return {path: str(Path(path).resolve()) for path in (*found, str(interpreter), str(library))}


def answers(address: str) -> str | None:
    try:
        return requests.get(address, timeout=5).text
    except requests.ConnectionError:
        return None
