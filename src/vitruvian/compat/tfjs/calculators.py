"""The one calculator that TF.js pose-detection exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["keypointsToNormalizedKeypoints", "keypoints_to_normalized_keypoints"]


def keypoints_to_normalized_keypoints(
    keypoints: Sequence[Mapping[str, Any]], image_size: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return keypoints normalized by the image size: x and z by the width, y by the height.

    Parameters
    ----------
    keypoints : sequence of dict
        Keypoints in px, as returned by a detector; z may be missing.
    image_size : dict
        ``{"width": ..., "height": ...}``, px.
    """
    sides = {"x": image_size["width"], "y": image_size["height"], "z": image_size["width"]}
    return [
        {key: value / sides[key] if key in sides else value for key, value in keypoint.items()}
        for keypoint in keypoints
    ]


keypointsToNormalizedKeypoints = keypoints_to_normalized_keypoints  # noqa: N816 - TF.js's name
