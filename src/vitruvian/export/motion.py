"""Motion: one person of a clip at a constant rate, upright and to scale, as exports need it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from vitruvian.analysis.filtering import COORDINATES, OTHERS, Filtering, filtered
from vitruvian.core._arrays import ArrayValue, read_only
from vitruvian.core.low_pass import interpolated
from vitruvian.core.resampling import (
    MAX_GAP_S,
    constant_times_us,
    frames_at,
    has_constant_rate,
    nominal_fps,
    poses_at,
)
from vitruvian.core.rotations import least_rotation
from vitruvian.core.sequence import PersonSequence, PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.ground import (
    FOOT_HEIGHT_M,
    GLTF_FROM_CAMERA,
    UP_IN_IMAGE,
    floor_of,
    lowest_foot,
    mid_hips,
    up_of_body,
    up_of_tilt,
)
from vitruvian.lift.body_height import body_height_m

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]

__all__ = ["AXES", "Motion", "MotionOptions", "ids_of", "motion_of"]

Axes = Literal["gltf", "opensim", "blender"]
Markers = Literal["pose2sim", "pose2sim+derived", "blazepose", "blazepose+derived"]
Root = Literal["auto", "camera", "stand", "hips"]
Up = Literal["body", "camera"]

AXES: dict[Axes, Floats] = {
    "gltf": np.eye(3),
    "opensim": np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]),  # X ahead, Y up, Z to the right
    "blender": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),  # Z up, also ROS and most of CAD
}
"""Rotations from the axes of `Motion` to others: ``points @ AXES["opensim"].T``."""

# So that "opensim" is y, z, x of the world, as in Pose2Sim.
_GLTF_FROM_WORLD = np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
UP_IN_WORLD = np.array([0.0, 0.0, 1.0])
MAX_LISTED = 5  # gaps, people or landmarks in a message
_CHOICES = {"markers": Markers, "root": Root, "up": Up}


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionOptions:
    """How one person's motion is exported: ``.trc .mot .c3d .bvh .glb .vrma``.

    Attributes
    ----------
    person : int or None
        ID of the person. None for the one with the most frames.
    height_m : float or None
        Body height, to which the person is scaled. None to keep the size that the model estimates.
    smooth_hz : float
        Cutoff of the low-pass filter without lag (`vitruvian.analysis.filtering`); 0 for none.
    up : str
        What is up. "body": the direction from the ankles to the hips while the person stands or
        walks, or up in the image if the person never does. "camera": up in the image.
    tilt_deg : float or None
        How far the camera looks down, if you know it; `up` then has no effect.
    root : str
        Where the person is. "camera": at the measured distance from the camera, which stands at the
        origin (`Pose.camera`). "stand": the hips stay at x = z = 0 and the lowest foot on the
        floor. "hips": the hips stay at 0. "auto": "camera" if the results have it, else "stand".
    markers : str
        Names of the markers in ``.trc`` and ``.c3d``. "pose2sim": the 25 of Pose2Sim's BlazePose
        model. "blazepose": all 33 landmarks. "+derived" after either adds Hip, Neck and Head.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    person: int | None = None
    height_m: float | None = None
    smooth_hz: float = 6.0
    up: Up = "body"
    tilt_deg: float | None = None
    root: Root = "auto"
    markers: Markers = "pose2sim"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in get_args(choices):
                raise ValueError(f"{name} must be one of {list(get_args(choices))}, got {value!r}")
        if self.height_m is not None and not 0.3 <= self.height_m <= 3:
            raise ValueError(f"height_m must be 0.3 to 3, got {self.height_m!r}")
        if not 0 <= self.smooth_hz < math.inf:
            raise ValueError(f"smooth_hz must not be negative, got {self.smooth_hz!r}")
        if self.tilt_deg is not None and not -90 <= self.tilt_deg <= 90:
            raise ValueError(f"tilt_deg must be -90 to 90, got {self.tilt_deg!r}")
        for name, kind in (
            ("person", int),
            ("height_m", float),
            ("smooth_hz", float),
            ("tilt_deg", float),
        ):  # equal options have equal JSON, also with NumPy's numbers
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else kind(value))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Motion(ArrayValue):
    """One person of a clip at a constant rate.

    Axes: those of glTF. A person who faces the camera looks along +Z, +Y is up, and +X is to the
    person's left. `in_axes` gives others.

    Attributes
    ----------
    points : (T, 33, 3) float64 array, m
        The landmarks; NaN where one is missing.
    fps : float
        Frames a second.
    scale : float
        Factor by which the person was scaled to the body height.
    up : (3,) float64 array
        What was taken as up, in camera axes: x right, y down, z away.
    root : str
        "camera", "stand" or "hips".
    person : PersonSequence
        The same frames before scale, up and root: smoothed, at the constant rate.
    options : MotionOptions
    notes : tuple of str
        What the user should know: other people, resampled times, long gaps.
    """

    points: Floats
    fps: float
    scale: float
    up: Floats
    root: Root
    person: PersonSequence
    options: MotionOptions
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("points", "up"):
            object.__setattr__(self, name, read_only(np.array(getattr(self, name), np.float64)))

    def __len__(self) -> int:
        return len(self.points)

    @property
    def id(self) -> int:
        """ID of the person."""
        return self.person.id

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        """(T, 33) array: whether a landmark is not known."""
        return np.asarray(np.isnan(self.points).any(axis=2))

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Stretches of frames without any landmark: the first one and the one after the last."""
        edges = np.diff(np.concatenate([[False], self.is_missing.all(axis=1), [False]]))
        return [(int(a), int(b)) for a, b in np.flatnonzero(edges).reshape(-1, 2)]

    def in_axes(self, axes: Axes) -> Floats:
        """Return the points (T, 33, 3) in other axes: "gltf", "opensim" or "blender"."""
        return self.points @ AXES[axes].T

    def held(self) -> Floats:
        """Return the points (T, 33, 3) without NaN: a missing landmark keeps its last position.

        Before its first one it has the first one.

        Raises
        ------
        ValueError
            If a landmark is missing in every frame.
        """
        is_known = ~self.is_missing
        if not is_known.any(axis=0).all():
            never = [BLAZEPOSE.names[i] for i in np.flatnonzero(~is_known.any(axis=0))]
            told = ", ".join(_shortened(never))
            raise ValueError(f"a figure needs all landmarks; never known: {told}")
        rows = np.where(is_known, np.arange(len(self))[:, None], -1)
        last = np.maximum.accumulate(rows, axis=0)
        last = np.where(last < 0, is_known.argmax(axis=0), last)
        return self.points[last, np.arange(self.points.shape[1])]


def motion_of(
    sequence: PoseSequence | PersonSequence,
    options: MotionOptions | None = None,
    *,
    world: Camera | None = None,
) -> Motion:
    """Return the motion of one person: smoothed, at a constant rate, upright, on the floor.

    In this order: the person is chosen; frames that are not at a constant rate are resampled;
    outliers are replaced, gaps up to a third of a second filled, the rest low-pass filtered; up is
    turned to +Y, the body scaled to its height, and placed.

    Parameters
    ----------
    sequence : PoseSequence or PersonSequence
    options : MotionOptions, optional
    world : Camera, optional
        The calibrated camera whose space `Pose.camera` is, from several cameras. With root "camera"
        the points then keep the world of the calibration, whose z is up: origin, directions and
        size. A body height, up "camera" or a tilt overrides this.

    Returns
    -------
    Motion
        It begins with the first frame of the sequence and ends with the last one.

    Raises
    ------
    ValueError
        If there is no such person, or the frames have no increasing times, or the body height can't
        be measured.
    """
    options = options or MotionOptions()
    person, notes = _chosen(sequence, options.person)
    fps = nominal_fps(person.timestamps_us)
    if not has_constant_rate(person.timestamps_us, fps):
        notes.append(f"the frame rate varies: resampled at {fps:g} fps")
    if options.smooth_hz:
        person = filtered(person, Filtering(cutoff_hz=options.smooth_hz))
    person = _at_constant_rate(person, fps)
    root = _root_of(person, options.root)
    seen = person.camera if root == "camera" and person.camera is not None else person.world
    points = np.where(np.isfinite(seen).all(axis=2, keepdims=True), seen, np.nan)
    points = points.astype(np.float64)
    scale = _scale_of(points, person, options.height_m)
    if (
        world is not None
        and root == "camera"
        and options == replace(options, height_m=None, up="body", tilt_deg=None)
    ):
        up = world.rotation @ UP_IN_WORLD
        points = world.world_from_camera(points) @ _GLTF_FROM_WORLD.T
    else:
        up = _up_of(points, person, options, notes)
        points = scale * points @ (GLTF_FROM_CAMERA @ least_rotation(up, UP_IN_IMAGE)).T
        points = _placed(points, root)
    motion = Motion(
        points=points, fps=fps, scale=scale, up=up, root=root,
        person=person, options=options,
    )  # fmt: skip
    return replace(motion, notes=(*notes, *_told_gaps(motion)))


def ids_of(sequence: PoseSequence) -> list[int]:
    """Return the IDs of which `motion_of` can give the motion: 0 for the only person of images."""
    return [int(number) for number in _with_ids(sequence).ids]


def _chosen(
    sequence: PoseSequence | PersonSequence, number: int | None
) -> tuple[PersonSequence, list[str]]:
    """Return one person and what is to be said about the others."""
    if isinstance(sequence, PersonSequence):
        return sequence, []
    sequence = _with_ids(sequence)
    counts = {i: int((sequence.slot_ids == i).any(axis=1).sum()) for i in sequence.ids.tolist()}
    if not counts:
        raise ValueError(f"nobody was found in {len(sequence)} frames")
    if number is None:
        number = max(counts, key=lambda i: (counts[i], -i))
        others = _shortened([f"{i} ({n} frames)" for i, n in counts.items() if i != number])
        told = f"written person {number} ({counts[number]} frames), not {', '.join(others)}"
        return sequence.person(number), [told] if others else []
    if number not in counts:
        raise ValueError(f"person must be one of {list(counts)}, got {number!r}")
    return sequence.person(number), []


def _with_ids(sequence: PoseSequence) -> PoseSequence:
    """Return the sequence with ID 0 for the only person of images, which have no IDs."""
    if not sequence.is_present.any() or sequence.ids.size:
        return sequence
    n_people = sequence.is_present.sum(axis=1)
    if n_people.max() > 1:
        raise ValueError(
            f"which of {n_people.max()} people is not known, as their poses have no IDs: "
            "use a video, or num_poses 1"
        )
    return replace(sequence, slot_ids=np.where(sequence.is_present, 0.0, np.nan))


def _at_constant_rate(person: PersonSequence, fps: float) -> PersonSequence:
    """Return a person with frames at k / fps, gaps up to a third of a second filled (PCHIP)."""
    old_us = person.timestamps_us
    new_us = constant_times_us(old_us, fps)
    if has_constant_rate(old_us, fps):
        new_us = old_us
    arrays: dict[str, Any] = poses_at(person, OTHERS, new_us, MAX_GAP_S)
    for name in COORDINATES:
        values = getattr(person, name)
        if values is not None:
            known = np.where(np.isfinite(values).all(axis=2, keepdims=True), values, np.nan)
            at_new = interpolated(old_us, known, new_us, MAX_GAP_S)
            arrays[name] = read_only(at_new.astype(values.dtype))
    if new_us is not old_us:
        arrays |= frames_at(person, new_us)
    return replace(person, **arrays)


def _root_of(person: PersonSequence, root: Root) -> Root:
    if root == "camera" and person.camera is None:
        raise ValueError("root 'camera' needs results with positions from the camera")
    return ("stand" if person.camera is None else "camera") if root == "auto" else root


def _up_of(
    points: Floats, person: PersonSequence, options: MotionOptions, notes: list[str]
) -> Floats:
    """Return up in camera axes; add a note if it is not what was asked for."""
    if options.tilt_deg is not None:
        return up_of_tilt(options.tilt_deg)
    if options.up == "body":
        up = up_of_body(points, person.visibility)
        if up is not None:
            return up
        notes.append("the person never stands with visible legs: up is that of the image")
    return UP_IN_IMAGE


def _scale_of(points: Floats, person: PersonSequence, height_m: float | None) -> float:
    if height_m is None:
        return 1.0
    measured_m = body_height_m(points, person.visibility)
    if not measured_m > 0:
        raise ValueError("the body can't be scaled to its height: it is never seen whole")
    return height_m / measured_m


def _told_gaps(motion: Motion) -> list[str]:
    """Return a note that lists the gaps, if there are any."""
    fps = motion.fps
    spans = [
        f"{a} ({a / fps:.1f} s)" if b == a + 1
        else f"{a} to {b - 1} ({a / fps:.1f} to {b / fps:.1f} s)"
        for a, b in motion.gaps
    ]  # fmt: skip
    told = ", ".join(_shortened(spans))
    frames = "frame" if sum(b - a for a, b in motion.gaps) == 1 else "frames"
    return [f"person {motion.id} is missing in {frames} {told}"] if spans else []


def _shortened(names: list[str]) -> list[str]:
    """Return the first names of a list, and how many more there are."""
    n_more = len(names) - MAX_LISTED
    return [*names[:MAX_LISTED], f"{n_more} more"] if n_more > 0 else names


def _placed(points: Floats, root: Root) -> Floats:
    """Return points whose Y is up, on the floor or about the hips."""
    if root == "camera":
        return points - [0.0, floor_of(points), 0.0]
    points = points - mid_hips(points)[:, None]
    if root == "stand":
        drop = lowest_foot(points)
        is_known = np.isfinite(drop)
        if is_known.any():
            drop = np.where(is_known, drop, np.median(drop[is_known]))
            points = points - np.stack([0 * drop, drop - FOOT_HEIGHT_M, 0 * drop], axis=1)[:, None]
    return points
