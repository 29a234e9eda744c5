"""Exec over WebSocket, frame by frame as recorded, and the end of Airflow's XCom sidecar."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import ssl
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from kubernetes import client
from kubernetes.stream import stream

from sandbox.clusters.access import token
from sandbox.clusters.authority import certificate_authority
from unit.sandbox.clusters.running import Running, pod
from waiting import until

# The Kubernetes client's WebSocket leaves its TLS socket to the collector, whenever that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")


async def _frames(
    running: Running, query: list[tuple[str, str]], sent: list[bytes], protocols: list[str]
) -> list[bytes]:
    authority = ssl.create_default_context(cadata=certificate_authority(running.world).decode())
    url = f"{running.world.url('dev')}/api/v1/namespaces/trading/pods/wsx/exec?{urlencode(query)}"
    headers = {"Authorization": f"Bearer {token(running.world, 'dev', 'admin')}"}
    got = []
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, ssl=authority, headers=headers, protocols=protocols) as socket,
    ):
        for each in sent:
            await socket.send_bytes(each)
        async for message in socket:
            got.append(message.data)
        assert socket.close_code == 1000
    return got


RECORDED: list[tuple[str, list[str], bool, list[str], list[bytes]]] = [
    ("exit 0 v5", ["sh", "-c", "echo out; echo err >&2"], False, ["v5.channel.k8s.io"], []),
    ("exit 7 v4", ["sh", "-c", "echo out; exit 7"], False, ["v4.channel.k8s.io"], []),
    ("exit 7 v5", ["sh", "-c", "exit 7"], False, ["v5.channel.k8s.io"], []),
    (
        "stdin shell v5, then CLOSE stdin (255,0)",
        ["sh"],
        True,
        ["v5.channel.k8s.io"],
        [b"\x00echo hello\n", b"\xff\x00"],
    ),
    ("stdin shell killed", ["sh"], True, ["v5.channel.k8s.io"], [b"\x00kill -9 $$\n"]),
]


@pytest.fixture
def sleeping(running: Running) -> Running:
    core = running.core("admin")
    core.create_namespaced_pod("trading", pod("wsx", "sleep", "600", terminationGracePeriodSeconds=1))
    until(lambda: core.read_namespaced_pod("wsx", "trading").status.phase == "Running")
    return running


def recorded_frames(recordings: Path, title: str) -> list[bytes]:
    text = (recordings / "exec-frames.txt").read_text("utf-8")
    found = re.search(rf"^## {re.escape(title)} selected.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found
    return [eval(each) for each in re.findall(r"< binary (b'.*')$", found[0], re.MULTILINE)]


@pytest.mark.parametrize(
    ("title", "command", "stdin", "protocols", "sent"), RECORDED, ids=[each[0] for each in RECORDED]
)
def test_an_exec_sends_the_recorded_frames(
    sleeping: Running,
    recordings: Path,
    title: str,
    command: list[str],
    stdin: bool,
    protocols: list[str],
    sent: list[bytes],
) -> None:
    query = [("command", each) for each in command]
    query += [("stdin", str(stdin)), ("stdout", "True"), ("stderr", "True"), ("tty", "False")]
    got = asyncio.run(_frames(sleeping, query, sent, protocols))
    wanted = recorded_frames(recordings, title)
    # stdout and stderr are two pipes: their order among each other is nobody's promise
    assert (got[0], sorted(got[1:-1]), got[-1]) == (wanted[0], sorted(wanted[1:-1]), wanted[-1])


def test_a_command_that_is_not_there_is_told_on_the_status_channel(sleeping: Running) -> None:
    query = [("command", "/nosuch"), ("stdout", "true")]
    got = asyncio.run(_frames(sleeping, query, [], ["v5.channel.k8s.io"]))
    status = json.loads(got[-1][1:])
    assert (status["reason"], status["code"]) == ("InternalError", 500)
    assert 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown' in status["message"]


def test_an_unknown_container_is_a_bad_request(sleeping: Running) -> None:
    query = [("command", "true"), ("stdout", "true"), ("container", "zz")]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(_frames(sleeping, query, [], ["v5.channel.k8s.io"]))
    assert refused.value.status == 400


def sidecar_pod() -> dict[str, Any]:
    from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import PodDefaults, add_xcom_sidecar

    assert PodDefaults.SIDECAR_CONTAINER_NAME == "airflow-xcom-sidecar"
    script = "import json; json.dump({'answer': 42}, open('/airflow/xcom/return.json', 'w'))"
    base = client.V1Container(name="base", image="busybox:1", command=["python3", "-c", script])
    made = client.V1Pod(
        metadata=client.V1ObjectMeta(name="xcom"),
        spec=client.V1PodSpec(containers=[base], restart_policy="Never"),
    )
    return client.ApiClient().sanitize_for_serialization(add_xcom_sidecar(made))


@pytest.fixture
def bystander() -> Any:
    """A shell of the same user outside every pod, which says when it is interrupted."""
    script = 'trap "echo interrupted; exit 1" INT; echo ready; while true; do sleep 0.1; done'
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  the test may run in the background
    process = subprocess.Popen(
        ["sh", "-c", script],
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed,  # noqa: PLW1509
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_the_unmodified_operator_reads_xcom_and_ends_only_the_sidecar(
    running: Running, bystander: Any
) -> None:
    from airflow.providers.cncf.kubernetes.utils.pod_manager import PodManager

    core = running.core("admin")
    core.create_namespaced_pod("trading", sidecar_pod())
    manager = PodManager(core)
    found = until(lambda: (p := core.read_namespaced_pod("xcom", "trading")).status.phase == "Running" and p)
    manager.await_container_completion(found, "base", polling_time=0.05)
    manager.await_xcom_sidecar_container_start(found)
    assert json.loads(manager.extract_xcom(found)) == {"answer": 42}
    until(lambda: core.read_namespaced_pod("xcom", "trading").status.phase == "Succeeded")
    assert bystander.poll() is None


def test_the_operators_other_way_to_end_the_sidecar_spares_bystanders_too(
    running: Running, bystander: Any
) -> None:
    core = running.core("admin")
    core.create_namespaced_pod("trading", sidecar_pod())
    until(lambda: core.read_namespaced_pod("xcom", "trading").status.phase == "Running")
    fallback = (
        "for f in /proc/[0-9]*/comm; do "
        '[ -O $f ] && read c < $f && [ "$c" = "sh" ] && pid=${f%/comm} && kill -2 ${pid##*/}; '
        "done"
    )
    answer = stream(
        core.connect_get_namespaced_pod_exec,
        "xcom",
        "trading",
        container="airflow-xcom-sidecar",
        command=["/bin/sh", "-c", fallback],
        stdout=True,
        stderr=True,
        _preload_content=False,
    )
    answer.run_forever(timeout=20)
    answer.close()
    until(lambda: core.read_namespaced_pod("xcom", "trading").status.phase == "Succeeded")
    assert bystander.poll() is None
