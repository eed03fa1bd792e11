"""Angles of joints and body segments in degrees, as functions of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vitruvian.analysis.clinical import CLINICAL_ANGLES, clinical_angles
from vitruvian.analysis.points import (
    MIN_VISIBILITY,
    TRUNK,
    Space,
    is_placed,
    landmarks_of,
    points_of,
    row,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = [
    "AngleSet",
    "JointDefinition",
    "Side",
    "angle_names",
    "joint_angles",
    "joint_definitions",
    "pose_angles",
]

AngleSet = Literal["sports2d", "isb"]
Side = Literal["auto", "right", "left", "front", "back"]


class JointDefinition(NamedTuple):
    """How the 3D angle of a joint is measured: for programs that measure it themselves.

    The angle is ``offset + sign * angle``, where ``angle``, 0 to 180 degrees, is that between the
    vectors ``b - a`` and ``d - c``. It is NaN if a point is not known. A point of several landmarks
    is their mean, and known if one of them is visible.

    Attributes
    ----------
    name : str
        As in `angle_names`.
    points : tuple of tuple of int
        Landmarks of the points a, b, c, d.
    offset, sign : float
    behind : (float, float) or None
        For hips: the angle is negative if the thigh points behind the trunk. Its direction is the
        cosine with "ahead". The factor is -1 below the first value, 1 above the second, and a
        smooth step between them.
    """

    name: str
    points: tuple[tuple[int, ...], ...]
    offset: float
    sign: float
    behind: tuple[float, float] | None


class _Angle(NamedTuple):
    """An angle between the vectors ``b - a`` and ``d - c``, in degrees.

    In two dimensions the angle is signed, plus `offset`, times `sign`; in three dimensions it is
    from 0 to 180, and the result is ``offset_3d + sign_3d * angle``. The hip's is signed in both:
    see `_hip_signs`.
    """

    name: str
    a: str
    b: str
    c: str
    d: str
    offset: float
    sign: float
    offset_3d: float
    sign_3d: float


# Source: Pose2Sim, common.py, `angle_dict`, which Sports2D uses, too. Its left wrist has two points
# exchanged; here it mirrors the right one. "*" is the side.
_JOINTS = (
    _Angle("ankle", "*_knee", "*_ankle", "*_foot_index", "*_heel", 90, 1, 90, -1),
    _Angle("knee", "*_knee", "*_ankle", "*_knee", "*_hip", -180, 1, 180, -1),
    _Angle("hip", "*_knee", "*_hip", "hips", "neck", 0, -1, 0, 1),
    _Angle("shoulder", "*_elbow", "*_shoulder", "hips", "neck", 0, -1, 0, 1),
    _Angle("elbow", "*_elbow", "*_wrist", "*_elbow", "*_shoulder", 180, -1, 180, -1),
    _Angle("wrist", "*_wrist", "*_elbow", "*_wrist", "*_index", -180, 1, 180, -1),
)
_SEGMENTS = {  # name: first and second point; the angle is that of second -> first
    "foot": ("*_foot_index", "*_heel"),
    "shank": ("*_ankle", "*_knee"),
    "thigh": ("*_knee", "*_hip"),
    "pelvis": ("left_hip", "right_hip"),
    "trunk": ("neck", "hips"),
    "shoulders": ("left_shoulder", "right_shoulder"),
    "head": ("head", "neck"),
    "arm": ("*_elbow", "*_shoulder"),
    "forearm": ("*_wrist", "*_elbow"),
    "hand": ("*_index", "*_wrist"),
}
_SIDE_JOINTS = ("ankle", "knee", "hip", "elbow")  # an arm also leaves the plane of the walk
_SIDES = ("right", "left")
_JOINT_NAMES = tuple(f"{side}_{joint.name}" for joint in _JOINTS for side in _SIDES)
_JOINT_ROWS = np.array(
    [[row(p.replace("*", s)) for p in joint[1:5]] for joint in _JOINTS for s in _SIDES]
).T
_OFFSETS, _SIGNS, _OFFSETS_3D, _SIGNS_3D = np.repeat(
    np.array([joint[5:] for joint in _JOINTS]), 2, axis=0
).T
_PARTS = tuple(
    (f"{s}_{name}" if "*" in first else name, first.replace("*", s), second.replace("*", s))
    for name, (first, second) in _SEGMENTS.items()
    for s in (_SIDES if "*" in first else ("",))
)
_PART_NAMES = tuple(part[0] for part in _PARTS)
_PART_ROWS = np.array([[row(part[1]), row(part[2])] for part in _PARTS]).T
_IS_LINE = np.isin(_PART_NAMES, ("pelvis", "shoulders"))  # has no direction: within ±90 degrees
_HIPS = np.flatnonzero(np.char.endswith(_JOINT_NAMES, "hip"))
_IN_IMAGE = np.flatnonzero([n.split("_")[1] in _SIDE_JOINTS for n in _JOINT_NAMES])
_ELBOWS = np.flatnonzero(np.char.endswith(_JOINT_NAMES, "elbow"))
_LINES = (
    [TRUNK["left_hip"], TRUNK["left_shoulder"]],
    [TRUNK["right_hip"], TRUNK["right_shoulder"]],
)
BEHIND = (-0.8, -0.2)  # share of "ahead" in the direction of a thigh: cosines
TINY = 1e-18
_YZX, _ZXY = [1, 2, 0], [2, 0, 1]
SIDE_VIEW = 0.8  # share of depth in the lines of hips and shoulders: 53 degrees from the front
ELBOW_DEG, ELBOW_RANGE_DEG = 6.0, 130.0  # how much less bent elbows seem; tuned as `limb_depths`
TILTS_DEG = (10.0, 30.0)  # of a bone out of the image: below, the image is used; above, the depth
_TOES = [row("right_foot_index"), row("left_foot_index")]
_HEELS = [row("right_heel"), row("left_heel")]
_ROWS_OF_SIDE = {
    side: [TRUNK[f"{side}_hip"], TRUNK[f"{side}_shoulder"]]
    + [row(f"{side}_{p}") for p in ("shoulder", "elbow", "wrist", "index", "hip", "knee")]
    + [row(f"{side}_{p}") for p in ("ankle", "heel", "foot_index", "ear")]
    for side in _SIDES
}


def angle_names(angle_set: AngleSet = "sports2d") -> tuple[str, ...]:
    """Return the names of the angles of a set.

    Examples
    --------
    >>> angle_names()[:4]
    ('right_ankle', 'left_ankle', 'right_knee', 'left_knee')
    """
    if angle_set == "sports2d":
        return _JOINT_NAMES + _PART_NAMES
    if angle_set == "isb":
        return CLINICAL_ANGLES
    raise ValueError(f"angle_set must be sports2d or isb, got {angle_set!r}")


def joint_definitions() -> tuple[JointDefinition, ...]:
    """Return how `pose_angles` measures each joint in world or camera landmarks.

    Examples
    --------
    >>> joint_definitions()[2]  # right_knee: ankle - knee against hip - knee
    JointDefinition(name='right_knee', points=((26,), (28,), (26,), (24,)), offset=180, \
sign=-1, behind=None)
    """
    rows = _JOINT_ROWS.T.tolist()
    factors = zip(_OFFSETS_3D.tolist(), _SIGNS_3D.tolist(), strict=True)
    return tuple(
        JointDefinition(
            name,
            tuple(landmarks_of(r) for r in rows[i]),
            offset,
            sign,
            BEHIND if i in _HIPS else None,
        )
        for i, (name, (offset, sign)) in enumerate(zip(_JOINT_NAMES, factors, strict=True))
    )


def joint_angles(
    person: PersonSequence,
    *,
    space: Space = "auto",
    angle_set: AngleSet = "sports2d",
    side: Side = "auto",
    each_frame: bool = False,
    up: ArrayLike = (0.0, -1.0, 0.0),
    min_visibility: float = MIN_VISIBILITY,
) -> dict[str, NDArray[np.float64]]:
    """Return the angles of a person in degrees, (T,) arrays by name.

    An angle is NaN where one of its landmarks is missing or not visible. Smooth the landmarks
    before, with `vitruvian.analysis.filtering.filtered`; angles need no second filter.

    Parameters
    ----------
    person : PersonSequence
        T frames of one person.
    space : {"auto", "camera", "world", "image"}
        Landmarks that joints are measured from. "auto" takes camera landmarks if there are some,
        else world landmarks. "image" holds for motions across the view only.
    angle_set : {"sports2d", "isb"}
        "sports2d": the joints and segments of Sports2D, with its signs. "isb": clinical angles from
        axes of body parts, in the sense of the ISB.
    side : {"auto", "right", "left", "front", "back"}
        Where the person looks in the image, which gives the signs of Sports2D's angles in the
        image. "auto": to the right if the toes are to the right of the heels, else to the left,
        decided once for all frames.
    each_frame : bool
        With `side` "auto", decide for each frame, as Sports2D does; angles jump where people turn.
    up : (3,) array
        Direction up in camera axes, for the "isb" angles of pelvis and trunk.
    min_visibility : float
        Landmarks with a lower visibility count as missing.

    Raises
    ------
    ValueError
        If an option is unknown, or there are no camera landmarks for ``space="camera"``.

    Notes
    -----
    Segments are always measured in the image, from the horizontal, counter-clockwise.
    """
    names = angle_names(angle_set)
    if angle_set == "isb":
        if space == "image":
            raise ValueError("angle_set 'isb' needs space 'camera' or 'world', got 'image'")
        points = points_of(person, space, min_visibility=min_visibility)
        return clinical_angles(points, up)
    image = _facing_right(
        points_of(person, "image", min_visibility=min_visibility), side, each_frame
    )
    if space == "image":
        joints = _joints_2d(image)
    else:
        points = points_of(person, space, min_visibility=min_visibility)
        joints = _joints_3d(points)
        if space == "auto" and is_placed(person):
            joints[:, _ELBOWS] = _bent_more(joints[:, _ELBOWS])
        if space == "auto" and _is_from_the_side(points):
            joints = _with_image(joints, _joints_2d(image), points)
    values = np.concatenate([joints, _segments(image)], axis=-1)
    return {name: np.ascontiguousarray(values[:, i]) for i, name in enumerate(names)}


def pose_angles(
    pose: Pose, *, space: Space = "auto", min_visibility: float = MIN_VISIBILITY
) -> dict[str, float]:
    """Return the joint angles of one pose in degrees, by name: those of Sports2D's joints.

    The values are those of `joint_angles`; NaN if a landmark is missing or not visible.
    """
    points = points_of(pose, space, min_visibility=min_visibility)
    if space == "image":
        joints = _joints_2d(_facing_right(points[None], "auto", False))[0]
    else:
        joints = _joints_3d(points)
    return dict(zip(_JOINT_NAMES, joints.tolist(), strict=True))


def _joints_3d(points: Floats) -> Floats:
    """Return the joint angles (..., J) of points (..., 40, 3)."""
    a, b, c, d = _JOINT_ROWS
    u, v = points[..., b, :] - points[..., a, :], points[..., d, :] - points[..., c, :]
    across = _cross(u, v)
    theta = np.arctan2(np.sqrt((across * across).sum(axis=-1)), (u * v).sum(axis=-1))
    degrees: Floats = _OFFSETS_3D + _SIGNS_3D * np.degrees(theta)
    signs = _hip_signs(points, -u[..., _HIPS, :], v[..., _HIPS, :])
    degrees[..., _HIPS] *= signs
    return degrees


def _bent_more(elbows: Floats) -> Floats:
    """Return the angles of elbows whose depths are estimates.

    The mean of possible depths is less than most of them, so that bent elbows seem less bent.
    """
    part = np.clip(elbows / ELBOW_RANGE_DEG, 0, 1)
    bent: Floats = elbows + ELBOW_DEG * np.sin(np.pi * part)
    return bent


def _cross(one: Floats, other: Floats) -> Floats:
    """Return the cross product of vectors (..., 3), in a third of the time of `np.cross`."""
    product: Floats = one[..., _YZX] * other[..., _ZXY] - one[..., _ZXY] * other[..., _YZX]
    return product


def _hip_signs(points: Floats, thighs: Floats, trunks: Floats) -> Floats:
    """Return 1 for a thigh (..., 2, 3) ahead of the trunk or beside it, -1 for one behind it.

    Between "beside" and "behind" it changes smoothly, so that the angle has no jumps.
    """
    right = points[..., _LINES[1][:1], :] - points[..., _LINES[0][:1], :]
    ahead = _cross(trunks, right)
    along = (thighs * trunks).sum(axis=-1, keepdims=True)
    across = thighs - trunks * (along / (trunks * trunks).sum(axis=-1, keepdims=True))
    lengths = (across * across).sum(axis=-1) * (ahead * ahead).sum(axis=-1)
    share = (across * ahead).sum(axis=-1) / np.sqrt(np.maximum(lengths, TINY))
    part = np.clip((share - BEHIND[0]) / (BEHIND[1] - BEHIND[0]), 0, 1)
    signs: Floats = 2 * part * part * (3 - 2 * part) - 1
    return signs


def _is_from_the_side(points: Floats) -> bool:
    """Return whether the lines of hips and shoulders mostly point along the view."""
    lines = points[:, _LINES[0]] - points[:, _LINES[1]]
    depth, length = np.abs(lines[..., 2]), np.linalg.norm(lines, axis=-1)
    known = np.isfinite(depth)
    return bool(known.any() and depth[known].sum() > SIDE_VIEW * length[known].sum())


def _with_image(joints: Floats, in_image: Floats, points: Floats) -> Floats:
    """Return the joint angles, those of bones parallel to the image as measured in the image."""
    a, b, c, d = _JOINT_ROWS
    bones = np.stack([points[..., b, :] - points[..., a, :], points[..., d, :] - points[..., c, :]])
    tilts = np.arctan2(np.abs(bones[..., 2]), np.hypot(bones[..., 0], bones[..., 1])).max(axis=0)
    part = np.clip((np.degrees(tilts) - TILTS_DEG[0]) / (TILTS_DEG[1] - TILTS_DEG[0]), 0, 1)
    weight = part * part * (3 - 2 * part)
    blended = joints.copy()
    mixed = weight * joints + (1 - weight) * in_image
    blended[:, _IN_IMAGE] = mixed[:, _IN_IMAGE]
    return blended


def _joints_2d(points: Floats) -> Floats:
    """Return the joint angles (..., J) of points (..., 40, 2)."""
    a, b, c, d = _JOINT_ROWS
    u, v = points[..., b, :] - points[..., a, :], points[..., d, :] - points[..., c, :]
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    theta = -np.degrees(np.arctan2(cross, (u * v).sum(axis=-1)))
    return _wrapped((theta + _OFFSETS) * _SIGNS, 180.0)


def _segments(points: Floats) -> Floats:
    """Return the segment angles (..., S) of points (..., 40, 2)."""
    first, second = _PART_ROWS
    along = points[..., first, :] - points[..., second, :]
    theta = -np.degrees(np.arctan2(along[..., 1], along[..., 0]))
    return np.where(_IS_LINE, _wrapped(theta, 90.0), _wrapped(theta, 180.0))


def _wrapped(degrees: Floats, half: float) -> Floats:
    """Return angles in -half (inclusive) to half."""
    wrapped: Floats = (degrees + half) % (2 * half) - half
    return wrapped


def _facing_right(points: Floats, side: Side, each_frame: bool) -> Floats:
    """Return image points (T, 40, 2) of a person who looks to the right: mirrored if needed."""
    if side not in ("auto", "right", "left", "front", "back"):
        raise ValueError(f"side must be auto, right, left, front or back, got {side!r}")
    mirrored = points * [-1.0, 1.0]
    if side in ("right", "left"):
        return points if side == "right" else mirrored
    if side in ("front", "back"):
        is_negated = np.zeros(points.shape[-2:], bool)
        is_negated[_ROWS_OF_SIDE["right" if side == "front" else "left"]] = True
        return np.where(is_negated, mirrored, points)
    ahead = points[:, _TOES, 0] - points[:, _HEELS, 0]
    signs = np.nansum(ahead, axis=1)
    if not each_frame:
        seen = signs[np.isfinite(ahead).any(axis=1)]
        signs = np.full(len(points), np.median(seen) if seen.size else 0.0)
    return np.where((signs < 0)[:, None, None], mirrored, points)
