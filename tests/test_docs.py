"""The documentation is correct: its commands, options, tables and programs are tested."""

from __future__ import annotations

import inspect
import re
import shlex
from dataclasses import fields
from functools import cached_property
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
import typer

import vitruvian as vt
from vitruvian.cli.main import app
from vitruvian.core.sequence import PoseSequence
from vitruvian.engine.profile import PROFILES, Profile
from vitruvian.export import SUFFIXES
from vitruvian.models.catalog import CATALOG

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
# Above a block that a test can't run stands the reason: <!-- not run: needs a camera -->
DOCUMENTED_KINDS = (FunctionType, classmethod, staticmethod, property, cached_property)
BLOCK = re.compile(r"(<!-- not run: [^>]+ -->\n)?```(\w+)\n(.*?)```", re.S)

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


def blocks(page: Path, language: str) -> list[str]:
    """Return the code of `page` in `language`, without the blocks that are marked."""
    found = BLOCK.findall(page.read_text())
    return [code for mark, name, code in found if name == language and not mark]


def section(page: Path, title: str) -> str:
    """Return the text between the heading `title` and the next of its level or above."""
    pattern = rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)"
    match = re.search(pattern, page.read_text(), re.S | re.M)
    assert match is not None, f"{page.name} has no heading {title!r}"
    return match[2]


def commands() -> dict[str, Any]:
    """Return every command and group by its full name."""

    def walk(name: str, command: Any) -> dict[str, Any]:
        found = {name: command}
        for word, child in getattr(command, "commands", {}).items():
            found.update(walk(f"{name} {word}", child))
        return found

    return walk("vitruvian", typer.main.get_command(app))


def options(command: Any) -> list[str]:
    """Return every spelling of every option that ``--help`` shows."""
    shown = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    return [word for p in shown for word in (*p.opts, *p.secondary_opts)]


# --- the command line ---


@pytest.mark.parametrize("name", commands())
def test_every_command_has_a_section_with_all_its_options(name: str) -> None:
    text = section(DOCS / "cli.md", "Command line" if name == "vitruvian" else name)
    documented = set(re.findall(r"`(-[\w-]+)", text))
    assert set(options(commands()[name])) <= documented
    known = {word for command in commands().values() for word in options(command)}
    assert documented <= known | {"-h", "--help"}


@pytest.mark.parametrize("name", commands())
def test_the_command_reference_gives_the_defaults(name: str) -> None:
    text = section(DOCS / "cli.md", "Command line" if name == "vitruvian" else name)
    for parameter in commands()[name].params:
        if parameter.param_type_name == "option" and type(parameter.default) in (str, int, float):
            shown = re.compile(rf"`{parameter.opts[0]}[ `]")
            row = next(row for row in text.splitlines() if shown.search(row))
            assert str(parameter.default) in row.split(" | ")[1], row


@by_page
def test_shown_command_lines_are_right(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = commands()
    for line in "\n".join(blocks(page, "sh")).splitlines():
        words = shlex.split(line, comments=True)
        if not words or Path(words[0]).name != "vitruvian":
            continue
        name, rest = "vitruvian", [word for word in words[1:] if word != "-v"]
        while rest and f"{name} {rest[0]}" in known:
            name = f"{name} {rest.pop(0)}"
        if "INPUT" in rest:
            rest[rest.index("INPUT")] = "walk.mp4"
        with monkeypatch.context() as readers_machine:  # which has the models that are named
            readers_machine.setattr(Path, "is_file", lambda _: True)
            readers_machine.setattr(Path, "is_dir", lambda _: True)
            with known[name].make_context(name, rest):  # raises what the command line would print
                pass


@by_page
def test_shown_make_targets_and_scripts_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    shown = "\n".join(blocks(page, "sh"))
    assert set(re.findall(r"^make ([a-z]+)", shown, re.M)) <= targets
    named = re.findall(r"\b((?:scripts|benchmarks|examples)/\w+\.py)", page.read_text())
    assert [path for path in named if not (REPOSITORY / path).is_file()] == []


# --- tables ---


def test_the_table_of_profiles_is_the_one_in_the_code() -> None:
    text = (DOCS / "profiles.md").read_text()
    rows = dict(
        re.findall(r"^\| `(\w+)` \|(.*)\|$", section(DOCS / "profiles.md", "The values"), re.M)
    )
    assert f"| {' | '.join(f'`{name}`' for name in PROFILES)} |" in text
    assert {name: [cell.strip() for cell in row.split("|")] for name, row in rows.items()} == {
        field.name: [str(getattr(profile, field.name)) for profile in PROFILES.values()]
        for field in fields(Profile)
    }
    for field in fields(Profile):
        assert f"\n- `{field.name}`: " in text


def test_every_format_and_array_is_documented() -> None:
    text = (DOCS / "formats.md").read_text()
    assert [suffix for suffix in SUFFIXES if f"`{suffix}`" not in text] == []
    arrays = [field.name for field in fields(PoseSequence)]
    assert [name for name in arrays if f"`{name}`" not in section(DOCS / "formats.md", "NPZ")] == []


def test_the_models_page_gives_the_files_and_digests() -> None:
    text = section(DOCS / "models.md", "Files")
    for name, weights in CATALOG.items():
        assert f"| {name} | `{weights.file}` | `{weights.sha256[0]}` |" in text


def test_all_landmarks_are_listed() -> None:
    text = section(DOCS / "concepts.md", "The 33 landmarks")
    assert [
        n for n in (f"| {i} {name} " for i, name in enumerate(vt.BLAZEPOSE.names)) if n not in text
    ] == []


# --- the API page ---


def public_parts() -> dict[str, Any]:
    """Return every public class and function, and every public method and property of a class."""
    parts: dict[str, Any] = {}
    for name in vt.__all__:
        value = getattr(vt, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        parts[name] = value
        for member in vars(value) if inspect.isclass(value) else ():
            part = inspect.getattr_static(value, member)
            if not member.startswith("_") and isinstance(part, DOCUMENTED_KINDS):
                parts[f"{name}.{member}"] = getattr(part, "__func__", part)
    return parts


def test_every_public_name_is_on_the_api_page() -> None:
    directives = re.findall(r"^::: vitruvian\.(\w+)$", (DOCS / "api.md").read_text(), re.M)
    assert sorted(directives) == sorted(vt.__all__)


@pytest.mark.parametrize("name", public_parts())
def test_public_name_and_its_parameters_have_a_docstring(name: str) -> None:
    part = public_parts()[name]
    text = inspect.getdoc(part)
    assert text, name
    if isinstance(part, (property, cached_property)) or not has_own_signature(part):
        return
    rows = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) :", text, re.M)
    documented = {word.strip("* ") for row in rows for word in row.split(",")}
    documented |= set(re.findall(r"`(\w+)`", text))
    expected = [
        parameter.name
        for parameter in inspect.signature(part).parameters.values()
        if parameter.name not in ("self", "cls") and parameter.kind is not parameter.VAR_KEYWORD
    ]
    assert [word for word in expected if word not in documented] == []


def has_own_signature(part: Any) -> bool:
    """Return whether `part` takes parameters of its own: no error, protocol or abstract class."""
    return not inspect.isclass(part) or not (
        issubclass(part, BaseException) or inspect.isabstract(part) or is_protocol(part)
    )


def is_protocol(part: type) -> bool:
    return bool(getattr(part, "_is_protocol", False))


# --- links ---


@by_page
def test_linked_files_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).is_file()] == []


def test_every_page_is_in_the_navigation() -> None:
    navigation = (REPOSITORY / "mkdocs.yml").read_text().partition("\nnav:")[2]
    named = set(re.findall(r"[\w/-]+\.md", navigation))
    assert named == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}


# --- programs ---


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the `walk.mp4` and `photo.jpg` that the pages use."""
    from PIL import Image

    from vitruvian.media.recorder import VideoWriter

    with vt.open_input(Path(vt.__file__).parent / "data" / "demo.mp4") as source:
        frames = list(islice(source, 70, 90))
    width, height = frames[0].width, frames[0].height
    with VideoWriter(tmp_path / "walk.mp4", (width, height), fps=25) as video:
        for frame in frames:
            video.write(frame.image, frame.timestamp_us - frames[0].timestamp_us)
    Image.fromarray(frames[0].image).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.weights
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks(page, "python")],
    ids=lambda page: str(page.relative_to(REPOSITORY)),
)
def test_python_of_a_page_runs_from_top_to_bottom(page: Path, working_folder: Path) -> None:
    names: dict[str, Any] = {}
    for code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), names)


# --- the change log ---


def test_modules_of_the_change_log_exist_under_their_new_names() -> None:
    table = (REPOSITORY / "CHANGELOG.md").read_text().partition("\nModules:\n")[2]
    rows = re.findall(r"^\| `vitruvian.* \| (.*) \|$", table.partition("\nInternal")[0], re.M)
    assert rows
    for row in rows:
        first, *others = re.findall(r"`([\w.]+)`", row)
        package = first.rpartition(".")[0]
        for name in (first, *(f"{package}.{other}" for other in others)):
            assert find_spec(name) is not None, name
