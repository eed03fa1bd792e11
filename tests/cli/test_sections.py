"""The help of commands with many options has sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer

from vitruvian.cli.main import app
from vitruvian.cli.sections import SECTIONS, SectionedCommand
from vitruvian.export import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

    Program = Callable[..., Result]

COMMANDS: dict[str, Any] = {
    name: command
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    if isinstance(command, SectionedCommand)
}
IN_NO_SECTION = {"stats", "quiet", "verbose"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_a_section(name: str) -> None:
    options = {p.name for p in COMMANDS[name].params if p.param_type_name == "option"}
    assert options - {option for names in SECTIONS.values() for option in names} <= IN_NO_SECTION


def test_every_name_of_a_section_is_an_option_of_a_command() -> None:
    known = {p.name for command in COMMANDS.values() for p in command.params}
    named = [option for names in SECTIONS.values() for option in names]
    assert sorted(set(named)) == sorted(named)
    assert set(named) <= known


def test_help_shows_each_option_once_under_its_section(vitruvian: Program) -> None:
    text = vitruvian("track", "--help").stdout
    assert text.count("  --fov DEG") == text.count("  -o, --output FILE") == 1
    assert text.index("Input and output:") < text.index("--output") < text.index("Drawing:")


def test_help_of_track_names_every_format(vitruvian: Program) -> None:
    text = vitruvian("track", "--help").stdout.partition("Formats of --output:")[2]
    assert [suffix for suffix in SUFFIXES if suffix not in text] == []
