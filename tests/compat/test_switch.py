"""`vitruvian mediapipe on|off`: a file that redirects ``import mediapipe`` in an environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import vitruvian
from vitruvian.cli.entry import main
from vitruvian.compat import switch
from vitruvian.errors import VitruvianError

NAME = "import mediapipe; print(mediapipe.__name__)"
OURS = "vitruvian.compat.mediapipe\n"


class Environment:
    """A virtual environment with this package and without its dependencies."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=os.name != "nt")
        self.python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        (self.site,) = folder.glob("[Ll]ib/**/site-packages")
        (self.site / "vitruvian.pth").write_text(str(Path(vitruvian.__file__).parents[1]))
        self.file = self.site / switch.FILE

    def run(self, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
        return subprocess.run(
            [self.python, *words], env=environment, capture_output=True, text=True, check=False
        )

    def switch(self, function: str) -> str:
        return self.run("-c", f"from vitruvian.compat import switch; switch.{function}()").stderr

    def install_mediapipe(self) -> None:
        (self.site / "mediapipe").mkdir()
        (self.site / "mediapipe" / "__init__.py").write_text("NAME = 'the real one'")
        folder = self.site / "mediapipe-1.2.2.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: mediapipe\nVersion: 1.2.2\n")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment")


def test_on_redirects_all_programs_of_the_environment_until_off(environment: Environment) -> None:
    assert "No module named 'mediapipe'" in environment.run("-c", NAME).stderr
    assert environment.switch("switch_on") == ""
    assert environment.run("-c", NAME).stdout == OURS
    assert environment.run("-I", "-c", NAME).stdout == OURS
    assert environment.switch("switch_off") == ""
    assert not environment.file.exists()
    assert "No module named 'mediapipe'" in environment.run("-c", NAME).stderr


def test_on_and_off_twice_are_on_and_off(environment: Environment) -> None:
    for _ in range(2):
        environment.switch("switch_on")
    assert [path.name for path in environment.site.iterdir() if "mediapipe" in path.name] == [
        switch.FILE
    ]
    environment.file.write_text("import from_an_older_version")
    environment.switch("switch_on")
    assert environment.run("-c", NAME).stdout == OURS
    for _ in range(2):
        assert environment.switch("switch_off") == ""


def test_ours_is_imported_if_mediapipe_is_installed_too(environment: Environment) -> None:
    environment.install_mediapipe()
    environment.switch("switch_on")
    assert environment.run("-c", NAME).stdout == OURS
    undone = "from vitruvian import compat; compat.uninstall();" + NAME
    assert environment.run("-c", undone).stdout == "mediapipe\n"
    environment.switch("switch_off")
    assert environment.run("-c", NAME).stdout == "mediapipe\n"


def test_no_distribution_claims_the_name_mediapipe(environment: Environment) -> None:
    environment.switch("switch_on")
    program = (
        "import mediapipe; from importlib.metadata import distributions;"
        "print([d.name for d in distributions() if 'mediapipe' in (d.name or '').lower()])"
    )
    assert environment.run("-c", program).stdout == "[]\n"


def test_a_program_of_the_name_mediapipe_imports_ours(
    environment: Environment, tmp_path: Path
) -> None:
    environment.switch("switch_on")
    path = tmp_path / "mediapipe.py"
    path.write_text(NAME)
    assert environment.run(path).stdout == OURS


def test_the_start_loads_nothing_and_other_imports_are_not_changed(
    environment: Environment,
) -> None:
    environment.switch("switch_on")
    program = (
        "import sys; print([name for name in sys.modules if 'vitruvian' in name])\n"
        "try: import mediapipe_of_others\nexcept ImportError as error: print(error)"
    )
    assert environment.run("-c", program).stdout == "[]\nNo module named 'mediapipe_of_others'\n"


@pytest.mark.parametrize("is_mediapipe_installed", [False, True])
def test_the_file_is_silent_and_harmless_after_vitruvian_is_uninstalled(
    environment: Environment, is_mediapipe_installed: bool
) -> None:
    environment.switch("switch_on")
    if is_mediapipe_installed:
        environment.install_mediapipe()
    (environment.site / "vitruvian.pth").unlink()
    (environment.site / "vitruvian" / "compat").mkdir(
        parents=True
    )  # what pip leaves if there are other files
    assert environment.run("-c", "pass").stderr == ""
    done = environment.run("-c", NAME)
    if is_mediapipe_installed:
        assert (done.stdout, done.stderr) == ("mediapipe\n", "")
    else:
        assert done.stderr.endswith("ModuleNotFoundError: No module named 'mediapipe'\n")


def test_a_package_in_the_folder_of_the_user_is_switched_on_there(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("site.ENABLE_USER_SITE", True)
    monkeypatch.setattr("site.getusersitepackages", lambda: str(tmp_path / "user"))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / name))
    assert switch._folders()[0] == tmp_path / "purelib"
    monkeypatch.setattr(switch, "__file__", str(tmp_path / "user/vitruvian/compat/switch.py"))
    assert switch._folders() == [tmp_path / name for name in ("user", "purelib", "platlib")]


def test_a_folder_that_cannot_be_written_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(switch, "_folders", lambda: [tmp_path / "file"])
    with pytest.raises(VitruvianError, match=r"can't write '.*vitruvian_mediapipe.pth': File ex"):
        switch.switch_on()


def test_the_command_prints_the_state_and_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kept_logging: None,
) -> None:
    monkeypatch.setattr(switch, "_folders", lambda: [tmp_path])
    file = tmp_path / switch.FILE
    for word, printed in (
        ("status", "off"),
        ("off", "off"),
        ("on", f"on: {file}"),
        ("status", f"on: {file}"),
        ("off", f"off\nremoved {file}"),
    ):
        monkeypatch.setattr(sys, "argv", ["vitruvian", "mediapipe", word])
        with pytest.raises(SystemExit) as end:
            main()
        assert (end.value.code, capsys.readouterr().out) == (0, f"{printed}\n")


def test_a_copy_of_the_environment_keeps_the_switch(
    environment: Environment, tmp_path: Path
) -> None:
    environment.switch("switch_on")
    line = environment.file.read_text()
    assert str(tmp_path) not in line  # no path: a container image or a moved folder works
    shutil.rmtree(tmp_path)
