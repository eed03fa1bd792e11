"""Frame size: cameras of clips that were cropped or resized after the calibration."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.lift.matching import pair_errors
from vitruvian.lift.multiview import views_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.camera import Camera
    from vitruvian.core.sequence import PoseSequence

__all__ = ["Fit", "best_crop", "fitted_cameras"]

Fit = tuple[float, float] | Literal["auto", "scale"]

N_STEPS = 8  # of the search in each direction


def fitted_cameras(
    clips: Mapping[str, PoseSequence], cameras: Mapping[str, Camera], fits: Mapping[str, Fit]
) -> dict[str, Camera]:
    """Return the cameras of the clips, of the size of their frames.

    Parameters
    ----------
    clips : mapping of camera names to PoseSequence
    cameras : mapping of names to Camera
    fits : mapping of names to Fit
        How the frames were made of those of the calibration. Two numbers, px: what was cut off left
        and at the top. "scale": they were resized. "auto": they were cropped, and `best_crop` finds
        where.

    Raises
    ------
    ValueError
        If a clip has another size than its camera, and no fit; or the crop is larger than that.
    """
    unknown = [name for name in (*clips, *fits) if name not in cameras]
    if unknown:
        raise ValueError(f"camera {unknown[0]!r} is not in the calibration, which has {[*cameras]}")
    fitted = {}
    for name, clip in clips.items():
        fit = fits.get(name)
        wh = _size(clip, name)
        if fit == "scale":
            fitted[name] = cameras[name].scaled(wh)
        elif isinstance(fit, tuple):
            fitted[name] = cameras[name].cropped(*fit, wh)
        elif fit is None:
            fitted[name] = cameras[name].checked_for(wh)
    for name in (name for name in clips if name not in fitted):
        others = {other: clip for other, clip in clips.items() if other in fitted or other == name}
        crop = best_crop(others, {**fitted, name: cameras[name]}, name)
        fitted[name] = cameras[name].cropped(*crop, _size(clips[name], name))
    return {name: fitted[name] for name in clips}


def _size(clip: PoseSequence, name: str) -> tuple[int, int]:
    sizes = np.unique(clip.wh, axis=0).tolist()
    if not sizes:
        raise ValueError(f"the clip of camera {name!r} has no frames")
    if len(sizes) != 1:
        raise ValueError(f"the frames of camera {name!r} must have one size, got {sizes}")
    return sizes[0][0], sizes[0][1]


def best_crop(
    clips: Mapping[str, PoseSequence], cameras: Mapping[str, Camera], name: str
) -> tuple[float, float]:
    """Return what was cut off the frames of one clip, left and at the top, px.

    It is the crop with the least reprojection error together with the other clips.

    Raises
    ------
    ValueError
        If the frames are larger than those of the calibration, or no person is seen by this camera
        and another one.
    """
    wh = _size(clips[name], name)
    cut = [size - now for size, now in zip(cameras[name].wh, wh, strict=True)]
    if min(cut) < 0:
        raise ValueError(
            f"the frames of camera {name!r}, {wh[0]}x{wh[1]}, are no crop of those of its "
            f"calibration, {cameras[name].wh[0]}x{cameras[name].wh[1]}"
        )
    ranges = [np.linspace(0, n, min(n, N_STEPS) + 1).tolist() for n in cut]
    errors = {}
    for left, top in itertools.product(*ranges):
        of_crop = {**cameras, name: cameras[name].cropped(left, top, wh)}
        total = []
        for other in (other for other in clips if other != name):
            views = views_of({other: clips[other], name: clips[name]}, of_crop)
            closest = pair_errors(*views).min(axis=(1, 2), initial=np.inf)
            total.append(closest[np.isfinite(closest)])
        every = np.concatenate(total) if total else np.empty(0)
        errors[left, top] = float(every.mean()) if every.size else np.inf
    best = min(errors, key=lambda crop: errors[crop])
    if not np.isfinite(errors[best]):
        raise ValueError(f"nobody is seen by camera {name!r} and another one: give the crop in px")
    return best
