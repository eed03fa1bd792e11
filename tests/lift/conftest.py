"""What the networks see in the real clips, once for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vitruvian as vt
from vitruvian.core.sequence import PoseSequence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def balance(testdata: Path) -> dict[str, dict[str, PoseSequence]]:
    """The two real clips of one man, tracked without smoothing: by model, then by camera."""
    found: dict[str, dict[str, PoseSequence]] = {}
    for model in ("lite", "full", "heavy"):
        for name in ("cam_01", "cam_04"):
            path = testdata / "clips" / f"balance_{name.replace('_', '')}.mp4"
            with vt.PoseTracker(model, smoothing=0) as tracker, vt.open_input(path) as frames:
                clip = PoseSequence.from_results([tracker.update(frame) for frame in frames])
            found.setdefault(model, {})[name] = clip
    return found
