from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vitruvian.cli.demo import packaged_clip
from vitruvian.export import load_results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result


def test_packaged_clip_is_small() -> None:
    with packaged_clip() as clip:
        assert 0 < clip.stat().st_size <= 500_000


@pytest.mark.weights
@pytest.mark.slow
def test_demo_finds_the_person_and_prints_the_paths_of_the_results(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    result = vitruvian("demo", "--model", "lite", "--output-dir", "out/here")
    assert result.exit_code == 0, result.output
    results = load_results(tmp_path / "out" / "here" / "demo.jsonl")
    assert sum(map(bool, results)) > 0.8 * len(results)
    assert (tmp_path / "out" / "here" / "demo.annotated.mp4").stat().st_size > 0
    assert "wrote out/here/demo.annotated.mp4\nwrote out/here/demo.jsonl\n" in result.stdout
    assert "frames/s" in result.stdout
