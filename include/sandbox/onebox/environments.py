"""The virtual environments, and the stamps that say what is installed in them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

STAMP = "installed.sha256"
MAIN = ("requirements.txt", "requirements-sandbox.txt")
TEST = ("requirements-dev.txt",)
SEMGREP = ("requirements-semgrep.txt",)
INSTALLER = "requirements-bootstrap.txt"
OVERRIDES = "requirements-overrides.txt"


class Environment:
    """One virtual environment: its folder and the requirement files that fill it."""

    def __init__(self, folder: Path, requirements: list[Path]) -> None:
        self.folder = folder
        self.requirements = requirements
        self.python = folder / "bin" / "python"

    def wanted(self) -> str:
        """What the stamp says when this very set is installed by this very Python."""
        content = hashlib.sha256(repr((sys.version_info[:3], str(self.folder))).encode())
        for path in self.requirements:
            content.update(path.read_bytes())
        return content.hexdigest()

    def installed(self) -> bool:
        """Whether this set of requirements, or one that holds it, has been installed to its end."""
        stamp = self.folder / STAMP
        return stamp.exists() and self.wanted() in stamp.read_text(encoding="utf-8").split()

    def mark_installed(self, *also: str) -> None:
        """Write the stamp; `also` names smaller sets that are in place with this one."""
        replacement = self.folder / (STAMP + ".new")
        replacement.write_text("\n".join([self.wanted(), *also]) + "\n", encoding="utf-8")
        replacement.replace(self.folder / STAMP)

    def create(self, with_pip: bool) -> None:
        """Make the environment unless a whole one of this Python is there; a half-made one is made anew."""
        if self._usable(with_pip):
            return
        if self.folder.exists():
            shutil.rmtree(str(self.folder))
        venv.EnvBuilder(with_pip=with_pip, symlinks=True).create(str(self.folder))

    def _usable(self, with_pip: bool) -> bool:
        if not self.python.exists():
            return False
        probe = "import sys; print(sys.version_info[:3])" + ("; import pip" if with_pip else "")
        answer = subprocess.run([str(self.python), "-c", probe], capture_output=True, text=True, check=False)
        return answer.returncode == 0 and answer.stdout.strip() == str(tuple(sys.version_info[:3]))


def environments(repository: Path, for_tests: bool) -> tuple[Environment, Environment]:
    """The main environment and the one that Semgrep needs for itself."""
    names = MAIN + (TEST if for_tests else ())
    return (
        Environment(repository / ".venv", [repository / name for name in names]),
        Environment(repository / ".venv-semgrep", [repository / name for name in SEMGREP]),
    )


def install_installer(environment: Environment, repository: Path) -> None:
    """uv, by pip: from pip's own index, through pip's own proxy; CalledProcessError when pip can not."""
    if (environment.folder / "bin" / "uv").exists():
        return
    command = [str(environment.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--require-hashes", "-r", str(repository / INSTALLER)]
    subprocess.run(command, check=True)


def start_install(
    uv: Path, target: Environment, settings: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start uv on an environment; its output goes to `log`."""
    command = [str(uv), "pip", "install", "--python", str(target.python)]
    command += ["--require-hashes", "--compile-bytecode", "--no-progress"]
    command += ["--overrides", str(target.requirements[0].parent / OVERRIDES)]
    for path in target.requirements:
        command += ["-r", str(path)]
    inherited = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    inherited.update(settings)
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=inherited)
