"""One command in a process group of its own that cannot outlive its starter. Standard library only.

    keeper.py CODE_FILE COMMAND...

The starter holds the other end of standard input. When that closes, or when the command has ended and its
exit code is written to CODE_FILE, the whole group is killed, this process with it: nothing of a job lives on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path


def end_with_starter() -> None:
    """Kill the group when standard input ends."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def main(code_file: str, command: list[str]) -> None:
    """Run, note the code, end the group."""
    threading.Thread(target=end_with_starter, daemon=True).start()
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    draft = Path(f"{code_file}.draft")
    draft.write_text(str(code), "ascii")
    draft.replace(code_file)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
