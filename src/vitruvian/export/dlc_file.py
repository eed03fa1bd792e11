"""DeepLabCut's CSV of several animals: x, y and likelihood of each landmark of each individual."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.individuals import individuals_of
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["dlc_writer"]

SCORER = "vitruvian"
COORDS = ("x", "y", "likelihood")
FRAMES_AT_ONCE = 1000


def dlc_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of four header rows, and one row for each frame."""
    return SpooledWriter(path, options.path, _write, options.provenance)


def _write(
    results: Iterable[PoseResult], quantities: object, path: Path, provenance: Provenance | None
) -> None:
    sequence = PoseSequence.from_results(results)
    people = individuals_of(sequence)
    points = np.concatenate(
        [people.of(sequence.landmarks)[..., :2], people.of(sequence.visibility)[..., None]],
        axis=-1,
    ).reshape(len(sequence), len(people.names) * len(BLAZEPOSE) * len(COORDS))
    columns = list(product(people.names, BLAZEPOSE.names, COORDS))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(["scorer", *[SCORER] * len(columns)]) + "\n")
        for title, names in zip(
            ("individuals", "bodyparts", "coords"), zip(*columns, strict=True), strict=True
        ):
            file.write(",".join([title, *names]) + "\n")
        for start in range(0, len(points), FRAMES_AT_ONCE):
            part = points[start : start + FRAMES_AT_ONCE]
            cells = np.where(np.isfinite(part), part.astype(np.str_), "")
            numbers = sequence.frame_indices[start : start + FRAMES_AT_ONCE].tolist()
            for number, row in zip(numbers, cells.tolist(), strict=True):
                file.write(f"{number},{','.join(row)}\n")
