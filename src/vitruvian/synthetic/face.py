"""Face: eyes, brows, lips and nostrils as colours on the head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vitruvian.synthetic.body import FACE, Body

__all__ = ["painted_face"]

Floats = NDArray[np.floating]

_EYE_X, _EYE_Y = FACE["eye"][:2]
_MOUTH_X, _MOUTH_Y = FACE["mouth"][:2]
_NOSE_Y = FACE["nose"][1]
_FRONT = ((-0.05, 0.0, 0.028), (0.05, 0.1, 0.085))  # the part of the head with a face, in its axes
SMILE = np.float32(20.0)  # upward bend of the lips, in body heights per body height squared
# Centre and half axes (x outward, y up) in body heights; colour; opacity.
_SPOTS = (
    ((_EYE_X, _EYE_Y), (0.0105, 0.0068), (150, 104, 88), 0.4),  # socket
    ((_EYE_X, _EYE_Y), (0.0085, 0.0042), (236, 232, 228), 0.9),  # white
    ((_EYE_X, _EYE_Y), (0.0042, 0.0044), (44, 30, 24), 1.0),  # iris
    ((_EYE_X, _EYE_Y + 0.0045), (0.0098, 0.0016), (60, 42, 36), 0.8),  # lashes
    ((0.0045, 0.0345), (0.0030, 0.0020), (110, 62, 52), 0.7),  # nostril
    ((0.0, _MOUTH_Y - 0.002), (_MOUTH_X, 0.0042), (176, 92, 88), 0.9),  # lips
    ((0.0, _MOUTH_Y - 0.002), (_MOUTH_X * 0.95, 0.0012), (96, 42, 42), 0.9),  # between the lips
)


def painted_face(body: Body, points: Floats, rgb: Floats) -> Floats:
    """Return the surface colours `rgb` (n, 3) of points (n, 3) with the face painted on.

    Points are in scene axes, m; colours from 0 to 1.
    """
    local = ((points - body.neck[1]) @ body.head / body.figure.height_m).astype(np.float32)
    low, high = np.array(_FRONT, np.float32)
    face = np.flatnonzero(((local > low) & (local < high)).all(axis=1))
    if face.size == 0:
        return rgb
    x, y = np.abs(local[face, 0]), local[face, 1]
    y = np.where(y < _NOSE_Y, y - SMILE * x**2, y)
    painted = rgb[face]
    hair = body.figure.clothes.hair
    brow = ((_EYE_X + 0.001, _EYE_Y + 0.014), (0.0110, 0.0021), hair, 0.75)
    for (cx, cy), (rx, ry), colour, strength in (*_SPOTS, brow):
        inside = 1 - np.hypot((x - cx) / rx, (y - cy) / ry)
        cover = np.clip(inside * 3 + 0.5, 0, 1)[:, None] * np.float32(strength)
        painted = painted * (1 - cover) + np.array(colour, np.float32) / 255 * cover
    whole = rgb.copy()
    whole[face] = painted
    return whole
