"""The frames of the identity scenarios with their ground truth, rendered once and cached."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from side_env import BENCH
from vitruvian import Frame, synthetic
from vitruvian.evaluation import TrackTruth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from vitruvian.synthetic import Scenario, View

__all__ = ["Footage", "load_footage", "progress", "sources_digest", "truth_of_views"]

CACHE = BENCH / "identity"


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """The frames of a scenario and the ground truth of its people.

    Attributes
    ----------
    name : str
        Name of the scenario.
    images : (T, H, W, 3) uint8 array
        RGB pixels.
    timestamps_us : (T,) int array
        Times of the frames.
    truth : TrackTruth
        Landmarks and IDs of all people.
    """

    name: str
    images: NDArray[np.uint8]
    timestamps_us: NDArray[np.int64]
    truth: TrackTruth

    @property
    def wh(self) -> tuple[int, int]:
        """Width and height of the frames, px."""
        return self.images.shape[2], self.images.shape[1]

    def frames(self) -> Iterator[Frame]:
        """Yield the frames as a tracker takes them."""
        for index, (image, time_us) in enumerate(
            zip(self.images, self.timestamps_us.tolist(), strict=True)
        ):
            yield Frame(image, timestamp_us=time_us, index=index)


def load_footage(scenario: Scenario) -> Footage:
    """Return the footage of `scenario`, rendered if this version of it is not cached yet."""
    path = CACHE / f"{scenario.name}-{sources_digest()}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"{scenario.name}-*.npz"):
            old.unlink()
        _render(scenario, path)
    with np.load(path) as kept:
        truth = TrackTruth(kept["landmarks"], kept["seen"])
        return Footage(scenario.name, kept["images"], kept["timestamps_us"], truth)


def truth_of_views(views: Iterable[View]) -> TrackTruth:
    """Return the truth of rendered frames."""
    people = [view.people for view in views]
    return TrackTruth(
        np.array([[person.landmarks[:, :2] for person in frame] for frame in people]),
        np.array([[person.visible_fraction for person in frame] for frame in people]),
    )


def progress(line: str) -> None:
    """Print `line` over the last one."""
    print(f"\r{line}", end="\x1b[K", file=sys.stderr, flush=True)


def _render(scenario: Scenario, path: Path) -> None:
    count = round(scenario.duration_s * scenario.fps)
    images, times, views = [], [], []
    for frame, view in scenario.frames():
        images.append(frame.image)
        times.append(frame.timestamp_us)
        views.append(view)
        progress(f"rendering {scenario.name}: frame {len(images)} of {count}")
    progress("")
    truth = truth_of_views(views)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(
            file, images=np.stack(images), timestamps_us=times,
            landmarks=truth.landmarks, seen=truth.visible,
        )  # fmt: skip
    partial.rename(path)


def sources_digest() -> str:
    """Return a digest of the sources that the pixels and the truth depend on."""
    digest = hashlib.sha256()
    for source in sorted(Path(synthetic.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]
