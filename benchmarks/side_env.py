"""Side environments of the benchmarks: made once under ``.bench/``, measured and reused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from setting import REPOSITORY

if TYPE_CHECKING:
    from vitruvian.models.store import ModelPair

__all__ = ["BENCH", "SideEnv", "bundle", "make_env"]

BENCH = REPOSITORY / ".bench"
NOT_COUNTED = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
"""What ``python -m venv`` itself puts into an environment, by the start of the name."""


@dataclass(frozen=True, slots=True)
class SideEnv:
    """A virtual environment with one package and its dependencies.

    Attributes
    ----------
    path : Path
        Folder of the environment.
    installed_mb : float
        Size of its site-packages as pip left them, 10**6 bytes, without pip itself.
    """

    path: Path
    installed_mb: float

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.path / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """The folder of the installed packages."""
        return next(self.path.glob("lib/python3*/site-packages"))


def make_env(name: str, requirement: str, *, newest_minor: int | None = None) -> SideEnv:
    """Return the environment ``.bench/NAME`` with `requirement` installed, made if need be.

    Parameters
    ----------
    name : str
        Name of the folder.
    requirement : str
        What to give to ``pip install``.
    newest_minor : int, optional
        Newest minor version of Python 3 for which it has a wheel.
    """
    env = BENCH / name
    size = env / "installed_mb"  # written last: without it the environment is not complete
    if not size.exists():
        print(f"making {env.relative_to(REPOSITORY)}: pip install {requirement}", flush=True)
        subprocess.run([_interpreter(newest_minor), "-m", "venv", "--clear", env], check=True)
        pip = [env / "bin" / "python", "-m", "pip", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", requirement], check=True, stdout=sys.stderr)
        size.write_text(f"{_installed_mb(SideEnv(env, 0.0).site_packages):.1f}\n")
    return SideEnv(env, float(size.read_text()))


def bundle(env: SideEnv, models: ModelPair) -> Path:
    """Return the bundle of `models` in ``.bench/``, made in `env` if it is not there."""
    path = BENCH / f"pose_landmarker_{models.name}.task"
    if not path.exists():
        script = Path(__file__).with_name("task_bundle.py")
        command = [env.python, script, models.detector.path, models.landmarks.path, path]
        subprocess.run(command, check=True, capture_output=True)
    return path


def _interpreter(newest_minor: int | None) -> str:
    """Return this Python, or an older one on the path if this one is too new."""
    if newest_minor is None or sys.version_info.minor <= newest_minor:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(newest_minor, 8, -1)]
    for name in names:
        if found := shutil.which(name):
            return found
    raise SystemExit(f"wanted one of {names} on the path for the older MediaPipe, found none")


def _installed_mb(site_packages: Path) -> float:
    counted = (p for p in site_packages.iterdir() if not p.name.startswith(NOT_COUNTED))
    files = (f for p in counted for f in ([p] if p.is_file() else p.rglob("*")))
    return sum(f.stat().st_size for f in files if f.is_file()) / 1e6
