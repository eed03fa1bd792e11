from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result


@pytest.mark.weights
def test_figures_are_printed_and_written(
    vitruvian: Callable[..., Result], empty_room: Path, tmp_path: Path
) -> None:
    result = vitruvian("bench", empty_room, "-m", "lite", "--json", "figures.json")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["n_frames"] == 3 * 12
    assert figures["frame_wh"] == [96, 64]
    assert 0 < figures["median_ms"] <= figures["p95_ms"]
    assert figures["stages"]["detector"]["count"] >= 36
    assert min(figures[key] for key in ("import_s", "load_s", "first_result_s")) >= 0
    assert f"median {figures['median_ms']:.2f} ms" in result.stdout
    assert "start-up" in result.stdout
