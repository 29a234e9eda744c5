"""F21: a log of a gigabyte, or one line of ten megabytes: bounded memory, and the end is kept."""

from __future__ import annotations

import http.server
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hummingbird.clients.gitlab import GitLab
from hummingbird.workloads.process import clean_environment, run

MEGABYTE = 1 << 20
END = b"\nE assert 1 == 2\nERROR: job failed\n"


@pytest.fixture
def flood(request: pytest.FixtureRequest) -> Iterator[str]:
    """A GitLab whose failed job has a trace of so many megabytes, in lines or in one."""
    megabytes, line = request.param
    block = (b"x" * 1023 + (b"\n" if line else b"x")) * 1024

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            body = b'[{"id": 2, "name": "unit", "status": "failed"}]'
            trace = self.path.endswith("/trace")
            size = megabytes * MEGABYTE + len(END) if trace else len(body)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if trace else "application/json")
            self.send_header("Content-Length", str(size))
            self.end_headers()
            for _ in range(megabytes if trace else 0):
                self.wfile.write(block)
            self.wfile.write(END if trace else body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("flood", [(1024, True), (10, False)], indirect=True)
def test_of_a_pipeline_s_trace_the_end_is_told(flood: str) -> None:
    code = GitLab(flood, "token")
    tracemalloc.start()
    try:
        (told,) = code.failed_jobs("a/b", 5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        code.close()
    assert told.endswith("E assert 1 == 2 | ERROR: job failed")
    assert len(told) < 2100
    assert most < 16 * MEGABYTE


@pytest.mark.parametrize("line", [True, False])
def test_of_a_program_s_output_the_end_is_kept(tmp_path: Path, line: bool) -> None:
    end = "\\n" if line else ""
    script = (
        "import sys\n"
        f"for _ in range(256): sys.stdout.write(('x' * 1023 + '{end or 'x'}') * 1024)\n"
        "sys.stdout.write('\\nthe end\\n')\n"
    )
    tracemalloc.start()
    try:
        ended = run([sys.executable, "-c", script], cwd=tmp_path, env=clean_environment(tmp_path), seconds=60)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ended.code == 0
    assert ended.out.endswith("\nthe end\n")
    assert most < 4 * MEGABYTE


def test_of_an_output_to_a_file_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hummingbird.workloads import process

    monkeypatch.setattr(process, "LARGEST_FILE", MEGABYTE)
    script = "import sys\nfor _ in range(64): sys.stdout.write('x' * (1 << 20))"
    target = tmp_path / "report"
    environment = clean_environment(tmp_path)
    ended = run([sys.executable, "-c", script], cwd=tmp_path, env=environment, seconds=60, stdout=target)
    assert ended.code == 0
    assert target.stat().st_size <= MEGABYTE + 64 * 1024
