"""Rotations of many frames at once: matrices, rotation vectors, quaternions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "angle_between",
    "least_rotation",
    "matrix_from_quaternion",
    "matrix_from_vector",
    "quaternion_from_matrix",
    "unit",
    "vector_from_matrix",
]

SMALL = 1e-12  # length below which a vector has no direction


def unit(vectors: ArrayLike) -> NDArray[np.float64]:
    """Return vectors of length 1 in the same directions; NaN where there is no direction.

    Parameters
    ----------
    vectors : (..., 3) array
    """
    values = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(values, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(lengths > SMALL, values / lengths, np.nan)


def angle_between(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Return the angles (...), rad, 0 to pi, between vectors (..., 2 or 3); NaN if one is NaN.

    Computed by atan2 of the cross and the dot product, which is exact near 0 and pi, too.

    Examples
    --------
    >>> float(np.degrees(angle_between([1, 0, 0], [0, 2, 0])))
    90.0
    """
    a, b = np.broadcast_arrays(np.asarray(one, np.float64), np.asarray(other, np.float64))
    dot = (a * b).sum(axis=-1)
    if a.shape[-1] == 2:
        across = np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
    else:
        across = np.linalg.norm(np.cross(a, b), axis=-1)
    angles: NDArray[np.float64] = np.arctan2(across, dot)
    return angles


def matrix_from_vector(vectors: ArrayLike) -> NDArray[np.float64]:
    """Return rotation matrices (..., 3, 3) of rotation vectors (..., 3), rad.

    The direction of a rotation vector is the axis, its length the angle: Rodrigues' formula.

    Examples
    --------
    >>> matrix_from_vector([0, 0, np.pi / 2]).round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    values = np.asarray(vectors, np.float64)
    angles = np.linalg.norm(values, axis=-1)[..., None, None]
    cross = np.zeros((*values.shape, 3))
    cross[..., 0, 1], cross[..., 0, 2], cross[..., 1, 2] = (
        -values[..., 2],
        values[..., 1],
        -values[..., 0],
    )
    cross -= np.swapaxes(cross, -1, -2)
    # sin(a) / a and (1 - cos(a)) / a**2, which have limits at 0
    sine, cosine = np.sinc(angles / np.pi), 0.5 * np.sinc(angles / (2 * np.pi)) ** 2
    matrices: NDArray[np.float64] = np.eye(3) + sine * cross + cosine * (cross @ cross)
    return matrices


def vector_from_matrix(matrices: ArrayLike) -> NDArray[np.float64]:
    """Return rotation vectors (..., 3), rad, of rotation matrices (..., 3, 3); angles in 0 to pi.

    Examples
    --------
    >>> vector_from_matrix(matrix_from_vector([0.1, -0.2, 0.3])).round(6).tolist()
    [0.1, -0.2, 0.3]
    """
    quaternions = quaternion_from_matrix(matrices)
    sine = np.linalg.norm(quaternions[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, quaternions[..., 3:])
    with np.errstate(invalid="ignore", divide="ignore"):
        return quaternions[..., :3] * np.where(sine > SMALL, angle / sine, 2.0)


def quaternion_from_matrix(matrices: ArrayLike) -> NDArray[np.float64]:
    """Return quaternions (..., 4) in the order x, y, z, w, with w >= 0, of matrices (..., 3, 3).

    Notes
    -----
    Source: Shepperd's method; the largest of four components is computed first, so that the
    result is exact to rounding for every angle.

    Examples
    --------
    >>> quaternion_from_matrix(np.diag([1.0, -1.0, -1.0])).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    m = np.asarray(matrices, np.float64)
    diagonal = np.diagonal(m, axis1=-2, axis2=-1)
    trace = diagonal.sum(axis=-1)
    quaternions = np.empty((*m.shape[:-2], 4))
    largest = np.concatenate([diagonal, trace[..., None]], axis=-1)
    with np.errstate(invalid="ignore"):
        choice = np.where(np.isnan(largest).any(axis=-1), 3, largest.argmax(axis=-1))
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        rows = choice == i
        r = m[rows]
        quaternions[rows, i] = 1 + 2 * r[..., i, i] - trace[rows]
        quaternions[rows, j] = r[..., j, i] + r[..., i, j]
        quaternions[rows, k] = r[..., k, i] + r[..., i, k]
        quaternions[rows, 3] = r[..., k, j] - r[..., j, k]
    rows = choice == 3
    r = m[rows]
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        quaternions[rows, i] = r[..., k, j] - r[..., j, k]
    quaternions[rows, 3] = 1 + trace[rows]
    quaternions /= np.linalg.norm(quaternions, axis=-1, keepdims=True)
    return np.where(quaternions[..., 3:] < 0, -quaternions, quaternions)


def matrix_from_quaternion(quaternions: ArrayLike) -> NDArray[np.float64]:
    """Return rotation matrices (..., 3, 3) of unit quaternions (..., 4) in the order x, y, z, w."""
    q = np.asarray(quaternions, np.float64)
    x, y, z, w = np.moveaxis(q, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def least_rotation(origins: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    """Return matrices (..., 3, 3) of the smallest rotations that turn `origins` to `targets`.

    Parameters
    ----------
    origins, targets : (..., 3) arrays
        Directions of any length. For opposite ones the axis is not defined; the result then is a
        half turn about an axis perpendicular to both.

    Examples
    --------
    >>> least_rotation([1, 0, 0], [0, 1, 0]).round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    a, b = np.broadcast_arrays(unit(origins), unit(targets))
    axis = np.cross(a, b)
    cosine = (a * b).sum(axis=-1)
    opposite = cosine < -1 + 1e-12
    least = np.eye(3)[np.abs(np.nan_to_num(a)).argmin(axis=-1)]
    across = np.where(opposite[..., None], np.cross(a, least), axis)
    sine = np.linalg.norm(across, axis=-1, keepdims=True)
    angle = np.arctan2(np.linalg.norm(axis, axis=-1), cosine)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        direction = np.where(sine > SMALL, across / sine, 0.0)
    return matrix_from_vector(direction * np.where(np.isnan(a + b), np.nan, angle))
