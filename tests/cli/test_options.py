"""The command line takes its options from the fields of `TrackerOptions`."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from vitruvian.cli.main import app
from vitruvian.cli.options import FIELDS

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def engine_options(command: str) -> dict[str, Any]:
    return {p.name: p for p in COMMANDS[command].params if p.name in FIELDS}


@pytest.mark.parametrize("command", ["track", "bench", "demo"])
def test_text_and_default_are_those_of_the_field(command: str) -> None:
    options = engine_options(command)
    assert {"model", "models_dir"} <= set(options)
    for name, option in options.items():
        assert option.help.startswith(FIELDS[name].option.text)
        assert option.default == FIELDS[name].default


def test_help_names_choices_and_options_for_videos_only() -> None:
    options = engine_options("track")
    assert options["backend"].help.endswith("One of openvino, litert.")
    for_videos = [name for name, option in options.items() if "Videos and streams" in option.help]
    assert for_videos == [
        "tracking_confidence",
        "force_detection",
        "follow",
        "id_memory_s",
        "association_iou",
        "smoothing",
    ]


def test_the_placeholder_of_a_number_is_its_range() -> None:
    options = engine_options("track")
    assert {options[f"{name}_confidence"].metavar for name in ("detection", "tracking")} == {"0..1"}
    assert options["num_poses"].metavar == options["threads"].metavar == "N"
