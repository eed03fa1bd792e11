"""What a report says of a clip, and the frames that it shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.low_pass import MAX_CUTOFF
from vitruvian.core.resampling import nominal_fps

if TYPE_CHECKING:
    from vitruvian.analysis.summary import PersonSummary
    from vitruvian.core.camera import Camera
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.sequence import PoseSequence

__all__ = ["clip_facts", "key_times"]

MAX_KEY_FRAMES = 12
N_KEY_FRAMES = 4  # without repetitions


def key_times(summary: PersonSummary) -> dict[int, str]:
    """Return the label of each time that is shown: turning points, or else equal distances."""
    turns = {
        r.turn_us: f"{exercise.name.replace('_', ' ').capitalize()} {r.number}"
        for exercise, found in summary.repetitions.items()
        for r in found
    }
    if turns:
        return dict(list(turns.items())[:MAX_KEY_FRAMES])
    person = summary.person
    seen = np.flatnonzero(person.is_present)
    if not seen.size:
        return {}
    chosen = seen[[(2 * i + 1) * len(seen) // (2 * N_KEY_FRAMES) for i in range(N_KEY_FRAMES)]]
    return {int(person.timestamps_us[t]): f"Frame {person.frame_indices[t]}" for t in chosen}


def clip_facts(
    sequence: PoseSequence,
    provenance: Provenance | None,
    *,
    smooth_hz: float,
    camera: Camera | None,
) -> dict[str, str]:
    """Return what the head of a report says of a clip.

    Parameters
    ----------
    sequence : PoseSequence
    provenance : Provenance or None
        Of the results.
    smooth_hz : float
        Cutoff of the smoothing; 0 for none.
    camera : Camera or None
        In front of which people were placed.
    """
    times = sequence.timestamps_us
    seconds = (times[-1] - times[0]) / 1e6 if len(times) else 0.0
    facts = {"Duration": f"{seconds:.1f} s", "Frames": str(len(times))}
    if len(times) > 1:
        facts["Rate"] = f"{nominal_fps(times):.4g} fps"
    facts["People"] = str(len(sequence.ids))
    if provenance is not None and provenance.model is not None:
        facts["Model"] = Path(provenance.model).name
    facts["Smoothing"] = "none"
    if smooth_hz and len(times) > 1:
        facts["Smoothing"] = f"{min(smooth_hz, MAX_CUTOFF * nominal_fps(times)):.3g} Hz"
    if camera is not None:
        facts["Focal length"] = f"{camera.focal_px:.0f} px{' assumed' if camera.is_assumed else ''}"
    return facts
