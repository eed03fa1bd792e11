"""Rules for the whole package: public names, imports, commands, repository content."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import vitruvian
from vitruvian import errors
from vitruvian.cli.main import app

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = Path(vitruvian.__file__).parent
EXTRAS = {"ai_edge_litert", "depthai", "pyarrow", "rerun", "segno", "starlette", "uvicorn"}
HEAVY = EXTRAS | {"av", "cv2", "google", "numpy", "openvino", "PIL", "rich", "typer"}
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
EXAMPLE_HOSTS = ".example.org"  # reserved for documentation by RFC 2606

# Forms in which lock files and configurations record the address of a package registry.
REGISTRY_ADDRESS = re.compile(
    r'"resolved": *"http|registry *[=:] *"?http|index[-_]url|https?://\S*/(simple|packages)/'
    r"|https?://\S*\.(whl|tgz)"
)


def module_names() -> list[str]:
    found = pkgutil.walk_packages([str(PACKAGE)], "vitruvian.")
    names = ["vitruvian", *(module.name for module in found)]
    return [name for name in names if name != "vitruvian._core"]  # compiled; its stub has no names


def imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as err:
        if err.name is not None and err.name.partition(".")[0] in EXTRAS:
            pytest.skip(f"{name} needs an extra: {err}")
        raise


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [REPOSITORY / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode(errors="ignore")


def commands() -> list[tuple[str, Any]]:
    """Return every command and group with its full name."""

    def walk(name: str, command: Any) -> list[tuple[str, Any]]:
        below = getattr(command, "commands", {})
        inner = [pair for word, child in below.items() for pair in walk(f"{name} {word}", child)]
        return [(name, command), *inner]

    return walk("vitruvian", typer.main.get_command(app))


# --- public names ---


def test_public_names_are_sorted_and_all_can_be_imported() -> None:
    assert vitruvian.__all__ == sorted(vitruvian.__all__)
    assert all(getattr(vitruvian, name) is not None for name in vitruvian.__all__)
    assert set(vitruvian.__all__) <= set(dir(vitruvian))


def test_type_checkers_see_every_public_name() -> None:
    tree = ast.parse(text_of(PACKAGE / "__init__.py"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    assert names == set(vitruvian.__all__)


def test_every_error_is_a_public_name() -> None:
    assert set(errors.__all__) <= set(vitruvian.__all__)
    assert vitruvian.errors is errors


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'PoseEstimater'"):
        _ = vitruvian.PoseEstimater  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", module_names())
def test_module_lists_its_public_names(name: str) -> None:
    module = imported(name)
    if Path(module.__file__).name == "__init__.py" and not hasattr(module, "__all__"):
        return  # a package that only holds modules
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, public) for public in module.__all__)
    assert module.__doc__


# --- imports ---


def test_import_of_the_package_loads_nothing_heavy() -> None:
    program = "import sys, vitruvian; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())


def test_imports_point_down() -> None:
    if importlib.util.find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed: `make check` installs it")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as f; f()"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- commands ---


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_command_and_all_its_parameters_have_help(name: str, command: Any) -> None:
    assert command.help, name
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


def test_readme_names_only_targets_and_commands_that_exist() -> None:
    readme = text_of(REPOSITORY / "README.md")
    shown = "\n".join(
        re.findall(r"`([^`\n]+)`", readme) + re.findall(r"```\w*\n(.*?)```", readme, re.S)
    )
    targets = set(re.findall(r"^([a-z]+):", text_of(REPOSITORY / "Makefile"), re.M))
    known = {name.removeprefix("vitruvian").strip() for name, _ in commands()}
    assert set(re.findall(r"\bmake ([a-z]+)", shown)) <= targets
    assert set(re.findall(r"^\W*vitruvian ([a-z]+)", shown, re.M)) <= known


# --- repository content ---


def test_source_names_one_host_only() -> None:
    named = {
        (host, path.name)
        for path in tracked_files()
        if PACKAGE.name in path.parts and path.suffix == ".py" and "src" in path.parts
        for host in re.findall(r"https?://([\w.-]+)", text_of(path))
        if host not in {*LOCAL_HOSTS, "www.w3.org"}  # the name of SVG, not an address
        and not host.lower().endswith(EXAMPLE_HOSTS)
    }
    assert named == {("storage.googleapis.com", "fetch.py")}


def test_no_file_records_the_address_of_a_package_registry() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {match[0]}"
        for path in tracked_files()
        if path != Path(__file__).resolve() and (match := REGISTRY_ADDRESS.search(text_of(path)))
    ]
    assert found == []


def test_no_weights_are_committed() -> None:
    suffixes = {".tflite", ".task", ".onnx", ".blob"}
    assert [path.name for path in tracked_files() if path.suffix in suffixes] == []


def test_pinned_versions_are_plain() -> None:
    rows = text_of(REPOSITORY / "constraints.txt").splitlines()
    pins = [row for row in rows if not row.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", pin) for pin in pins)
