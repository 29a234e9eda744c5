"""A pod's frame: job by ticket, result by ticket, errors as exit codes and a last line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from builders import COMMIT, a_bundle, a_scan, a_suite, the_catalogue
from hummingbird.core.errors import Conflict, Denied, Invalid, NotFound, Unreachable
from hummingbird.core.job import ScanJob, SuiteJob
from hummingbird.workloads import __main__ as entrance
from hummingbird.workloads import scan as scan_module
from hummingbird.workloads.pod import work
from hummingbird.workloads.suite import service_environment

JOB = ScanJob(
    story=None,
    component=the_catalogue().component("order-gateway"),
    commit=COMMIT,
    mode="full",
    scanners=["ruff"],
    report_repository="reports-local",
)


class Notary(ThreadingHTTPServer):
    """One ticket's half of the notary."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.posted: list[dict[str, Any]] = []
        self.answer = 201


class _Calls(BaseHTTPRequestHandler):
    server: Notary

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer the-ticket"
        self._answer(200 if known else 401, {"job": JOB.document()})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        self._answer(
            self.server.answer, {"error": {"kind": "Conflict", "message": "another result is there"}}
        )

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def notary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notary]:
    server = Notary()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HB_NOTARY_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("HB_TICKET", "the-ticket")
    yield server
    server.shutdown()
    server.server_close()


def test_the_result_of_the_job_is_posted(notary: Notary) -> None:
    work(ScanJob, lambda job, ticket, scratch: a_scan(commit=job.commit))
    assert notary.posted == [a_scan().document()]


def test_a_ticket_for_another_kind_of_job_is_refused(notary: Notary) -> None:
    with pytest.raises(Invalid, match="scan job"):
        work(SuiteJob, lambda job, ticket, scratch: a_suite(a_bundle()))
    assert notary.posted == []


def test_a_replaced_ticket_opens_nothing(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HB_TICKET", "an-older-one")
    with pytest.raises(Denied):
        work(ScanJob, lambda job, ticket, scratch: a_scan())


def test_another_result_than_the_one_there_is_a_conflict(notary: Notary) -> None:
    notary.answer = 409
    with pytest.raises(Conflict, match="another result is there"):
        work(ScanJob, lambda job, ticket, scratch: a_scan())


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HB_NOTARY_URL", raising=False)
    with pytest.raises(NotFound, match="HB_NOTARY_URL"):
        work(ScanJob, lambda job, ticket, scratch: a_scan())


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [(Unreachable("no answer"), 1, "BROKEN"), (Denied("wrong token"), 2, "REFUSED")],
)
def test_errors_become_exit_codes_and_the_last_line(
    error: Exception,
    code: int,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(_: list[str]) -> int:
        raise error

    monkeypatch.setattr(scan_module, "main", fails)
    assert entrance.main(["scan"]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{word}: scan:")


def test_an_unknown_workload_is_named_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert entrance.main(["destroy"]) == 2
    assert "scan|deploy|suite|regression|" in capsys.readouterr().out


def test_suites_see_the_services_and_nothing_else() -> None:
    environment = {
        "ORDER_GATEWAY_SERVICE_HOST": "10.0.0.1",
        "ORDER_GATEWAY_SERVICE_PORT": "8080",
        "ORDER_GATEWAY_SERVICE_PORT_HTTP": "8080",
        "KUBERNETES_SERVICE_HOST": "10.0.0.2",
        "HB_TICKET": "secret",
        "HB_SERVICE_TOKEN": "secret",
    }
    assert sorted(service_environment(environment)) == sorted(list(environment)[:3])
