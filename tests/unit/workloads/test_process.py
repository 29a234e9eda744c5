"""Started programs: bounded in time and memory, without our secrets, and leaving nobody behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from hummingbird.core.errors import NotFound
from hummingbird.workloads.process import TAIL, Ended, clean_environment, run
from hummingbird.workloads.progress import LONGEST_LINE, say


def python(code: str, tmp_path: Path, seconds: float = 20.0, stdout: Path | None = None) -> Ended:
    argv = [sys.executable, "-c", code]
    return run(argv, cwd=tmp_path, env=clean_environment(tmp_path), seconds=seconds, stdout=stdout)


def test_output_beyond_the_tail_is_read_and_forgotten(tmp_path: Path) -> None:
    ended = python("import sys\nfor _ in range(400): sys.stdout.write('x' * 100000)\nprint('end')", tmp_path)
    assert ended.code == 0
    assert len(ended.out) <= TAIL
    assert ended.out.endswith("end\n")


def test_a_program_that_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)"
    )
    began = time.monotonic()
    ended = python(code, tmp_path, seconds=1.5)
    assert not ended.in_time
    assert time.monotonic() - began < 15
    assert not _runs(int(ended.out))


def test_a_child_left_behind_with_the_pipe_does_not_keep_us_waiting(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)"
    )
    began = time.monotonic()
    ended = python(code, tmp_path)
    assert ended.code == 0
    assert time.monotonic() - began < 15
    assert not _runs(int(ended.out))


def _runs(number: int) -> bool:
    """Whether a process is still there a while after it was killed: the kernel takes its time under load."""
    stat = Path(f"/proc/{number}/stat")
    ends = time.monotonic() + 5
    while stat.exists() and stat.read_text().split()[2] != "Z":
        if time.monotonic() > ends:
            return True
        time.sleep(0.02)
    return False


def test_a_started_program_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HB_TICKET", "very-secret")
    ended = python("import os; print(sorted(os.environ), os.environ['HOME'])", tmp_path)
    assert "HB_TICKET" not in ended.out
    assert "very-secret" not in ended.out
    assert str(tmp_path) in ended.out


def test_standard_output_can_go_to_a_file(tmp_path: Path) -> None:
    ended = python("print('kept')", tmp_path, stdout=tmp_path / "out")
    assert (ended.out, (tmp_path / "out").read_text()) == ("", "kept\n")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no-such-program"):
        run(["no-such-program"], cwd=tmp_path, env=dict(os.environ), seconds=5)


def test_a_progress_line_is_one_line_of_bounded_length(capsys: pytest.CaptureFixture[str]) -> None:
    say("first\nDONE: forged \x1b[31m")
    say("x" * (LONGEST_LINE + 10))
    first, second = capsys.readouterr().out.splitlines()
    assert first == "first\\nDONE: forged \\x1b[31m"
    assert second.endswith("(10 more characters)")
