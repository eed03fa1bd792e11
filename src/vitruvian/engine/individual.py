"""Individual: what is remembered of one person from frame to frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.engine.segmentation import MaskSmoother
from vitruvian.engine.smoothing import PoseSmoother, RoiSmoother
from vitruvian.engine.warp import alignment_side, resized_roi, roi_from_alignment

if TYPE_CHECKING:
    from vitruvian.core.roi import Roi
    from vitruvian.engine.options import Options
    from vitruvian.engine.pipeline import Person

__all__ = ["Individual"]


class Individual:
    """The filters of one person, and where to look for them in the next frame.

    Attributes
    ----------
    roi : Roi or None
        The next region; None for one who is not followed.
    """

    def __init__(self, options: Options) -> None:
        self.roi: Roi | None = None
        self._options = options
        self._profile = options.rules
        self._pose_smoother = PoseSmoother(self._profile, options.smoothing_amount)
        self._roi_smoother = RoiSmoother(self._profile)
        ratio = self._profile.mask_smoothing if options.smooth_segmentation else 0.0
        self._mask_smoother = MaskSmoother(ratio)

    def see(self, person: Person, timestamp_us: int, image_wh: tuple[int, int]) -> Person:
        """Return the person smoothed over time, and note where to look next."""
        raw = person.raw
        auxiliary = raw.auxiliary[:, :2]
        size_px = alignment_side(auxiliary) * self._profile.object_scale
        if self._profile.smooth_roi:
            auxiliary = self._roi_smoother(auxiliary, timestamp_us, size_px)
        is_followed = raw.score > self._options.tracking_confidence
        self.roi = roi_from_alignment(auxiliary, image_wh) if is_followed else None
        raw = self._pose_smoother(raw, timestamp_us, size_px)
        if raw.mask is not None:
            raw = replace(raw, mask=self._mask_smoother(raw.mask))
        return replace(person, raw=raw)

    def lose(self) -> None:
        """Note that the person is out of view."""
        self.roi = None
        self._roi_smoother.reset()
        self._pose_smoother.lost()
        if self._profile.reset_all_filters:
            self._mask_smoother.reset()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Look at the same part of a picture that is so many times as wide and as high."""
        self.roi = self.roi and resized_roi(self.roi, ratio)
