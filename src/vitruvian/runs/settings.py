"""Settings: the options of every job of a run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from numbers import Integral
from typing import TYPE_CHECKING

from vitruvian.analysis.exercises import exercise_named
from vitruvian.engine.option_fields import json_value, values_of
from vitruvian.engine.options import TrackerOptions

if TYPE_CHECKING:
    from vitruvian.analysis.filtering import Filtering
    from vitruvian.draw.style import Style
    from vitruvian.export.motion import MotionOptions
    from vitruvian.lift.camera_options import CameraOptions
    from vitruvian.oak.options import OakOptions

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of every job of a run: tracking, drawing, limits.

    Settings can be pickled, and two that are equal have the same `fingerprint`.

    Attributes
    ----------
    options : TrackerOptions
        Model and options; for images, those of them that a `PoseEstimator` has.
    style : Style or None
        What is drawn on images and videos; None for the default style.
    rotation_deg : int
        Clockwise rotation of the image that makes people upright: 0, 90, 180 or 270.
    limit : int or None
        Maximum number of frames of each input.
    realtime : bool
        Whether videos are played at their own rate, as if they came from a camera.
    filtering : Filtering or None
        How the poses of a whole clip are smoothed after it was tracked without smoothing. Videos
        only.
    coco_images : str or None
        COCO file with the IDs of the images, as for `open_output`.
    motion : MotionOptions or None
        How one person's motion is written to formats such as ``.trc``; None for the default.
    camera_space : CameraOptions or None
        What is known of the camera, if `Pose.camera` is to be filled; None to leave it empty.
    oak : OakOptions or None
        What runs on OAK cameras, and the settings of their sensors. With mode "host" the networks
        of files and images run there, too.
    exercise : str or None
        Exercise whose repetitions are counted and drawn: one of
        `vitruvian.analysis.exercises.EXERCISES`.

    Raises
    ------
    ValueError
        If the rotation or the limit is another value, the exercise is not known, or filtering goes
        with `realtime`.

    Examples
    --------
    >>> Settings(options=TrackerOptions("lite", num_poses=2)).options.num_poses
    2
    """

    options: TrackerOptions = field(default_factory=TrackerOptions)
    style: Style | None = None
    rotation_deg: int = 0
    limit: int | None = None
    realtime: bool = False
    filtering: Filtering | None = None
    coco_images: str | None = None
    motion: MotionOptions | None = None
    camera_space: CameraOptions | None = None
    oak: OakOptions | None = None
    exercise: str | None = None

    def __post_init__(self) -> None:
        if self.rotation_deg not in (0, 90, 180, 270):
            raise ValueError(f"rotation_deg must be 0, 90, 180 or 270, got {self.rotation_deg!r}")
        is_count = isinstance(self.limit, Integral) and self.limit > 0
        if not (self.limit is None or is_count):
            raise ValueError(f"limit must be a positive integer or None, got {self.limit!r}")
        if self.realtime and self.filtering is not None:
            raise ValueError("filtering needs a whole recording: realtime must be False")
        if self.exercise is not None:
            object.__setattr__(self, "exercise", exercise_named(self.exercise).name)
        # Plain values: equal settings have equal JSON, also with NumPy's numbers.
        object.__setattr__(self, "rotation_deg", int(self.rotation_deg))
        object.__setattr__(self, "limit", None if self.limit is None else int(self.limit))
        object.__setattr__(self, "realtime", bool(self.realtime))
        images = None if self.coco_images is None else str(self.coco_images)
        object.__setattr__(self, "coco_images", images)

    def to_json(self) -> str:
        """Return the settings as canonical JSON: sorted keys, no spaces, ASCII only.

        Raises
        ------
        TypeError
            If the options contain an open `Model` or a `VirtualOak`.
        """
        options = {name: json_value(value) for name, value in values_of(self.options).items()}
        values = asdict(replace(self, options=TrackerOptions(), camera_space=None, oak=None))
        values |= {"options": options}
        if self.oak is not None:
            values["oak"] = {n: json_value(v) for n, v in asdict(self.oak).items()}
        if self.camera_space is not None:
            values["camera_space"] = self.camera_space.to_dict()
        return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of `to_json`, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()
