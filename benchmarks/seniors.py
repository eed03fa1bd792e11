"""The people of ``seniors.mp4``, annotated by eye, and how many of them a tracker finds.

Six people stand, bend and sit down; the camera moves. Two are hidden for a part of the clip, one
stands at the right edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vitruvian.core.assignment import linear_assignment
from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["N_FRAMES", "TRUTH", "people_report"]

N_FRAMES = 381
STEP = 20  # frames between two annotations; in between they are interpolated
NEAR = 0.5  # mean distance of neck and hips from the truth, in torso lengths, for a match

# Neck x, y and middle of the hips x, y, px of the 1280x720 frames 0, 20, ..., 380.
TRUTH = {
    "man in yellow": (
        *((883, 203, 875, 395), (879, 196, 876, 391), (882, 187, 877, 385), (903, 183, 897, 387)),
        *((896, 175, 891, 388), (894, 170, 885, 385), (915, 173, 898, 385), (891, 170, 881, 381)),
        *((884, 170, 878, 368), (888, 175, 882, 381), (860, 187, 860, 387), (844, 196, 857, 389)),
        *((844, 247, 877, 422), (849, 308, 890, 452), (858, 338, 900, 471), (878, 344, 912, 480)),
        *((903, 340, 926, 487), (928, 334, 942, 486), (951, 332, 959, 487), (959, 328, 960, 486)),
    ),
    "man in red": (
        *((577, 207, 572, 347), (598, 202, 589, 353), (598, 201, 589, 348), (614, 199, 608, 346)),
        *((629, 199, 622, 348), (624, 201, 614, 344), (638, 202, 629, 344), (635, 203, 625, 341)),
        *((633, 203, 624, 339), (636, 210, 631, 341), (618, 214, 619, 344), (616, 236, 626, 360)),
        *((628, 286, 646, 390), (635, 314, 661, 410), (649, 319, 676, 412), (679, 317, 705, 414)),
        *((735, 312, 735, 418), (760, 307, 756, 415), (774, 308, 776, 417), (776, 305, 774, 416)),
    ),
    "trainer": (
        *((292, 167, 300, 395), (313, 161, 328, 395), (311, 154, 327, 385), (311, 169, 329, 404)),
        *((332, 167, 339, 402), (307, 155, 315, 397), (301, 175, 303, 397), (266, 167, 273, 395)),
        *((241, 169, 246, 393), (238, 189, 205, 392), (217, 248, 170, 420), (209, 294, 138, 466)),
        *((201, 334, 130, 510), (196, 352, 130, 522), (180, 350, 127, 529), (149, 337, 108, 515)),
        *((125, 336, 141, 523), (116, 331, 152, 519), (127, 341, 172, 528), (151, 334, 172, 526)),
    ),
    "woman at the right edge": (
        *((1053, 237, 1050, 379), (1068, 232, 1066, 386), (1078, 232, 1074, 384)),
        *((1090, 232, 1088, 385), (1108, 232, 1101, 385), (1115, 239, 1108, 389)),
        *((1108, 254, 1098, 381), (1107, 270, 1111, 395), (1109, 324, 1113, 421)),
        *((1110, 368, 1128, 450), (1113, 372, 1124, 452), (1129, 354, 1122, 456)),
        *((1152, 359, 1135, 456), (1160, 353, 1144, 452), (1165, 350, 1149, 458)),
        *((1177, 349, 1161, 458), (1190, 343, 1177, 457), (1199, 342, 1199, 449)),
        *((1218, 341, 1196, 462), (1211, 339, 1211, 451)),
    ),
    "woman at the left": (
        *((155, 232, 148, 400), (162, 232, 150, 402), (161, 232, 155, 395), (185, 232, 176, 395)),
        *((201, 237, 191, 389), (199, 238, 192, 390), (197, 235, 188, 388), (178, 238, 170, 388)),
        *((165, 240, 150, 388), (160, 245, 150, 394), (160, 262, 140, 400), (150, 300, 150, 420)),
        *((150, 350, 170, 460), (230, 352, 240, 455), (273, 351, 283, 454), (327, 344, 294, 443)),
        *((349, 342, 321, 439), (344, 336, 336, 436), (343, 331, 346, 435), (356, 330, 348, 431)),
    ),
    "woman at the back": (
        *((280, 225, 278, 345), (285, 225, 283, 345), (285, 225, 283, 345), (285, 225, 283, 345)),
        *((290, 225, 288, 345), (290, 225, 288, 345), (300, 225, 298, 345), (350, 225, 345, 350)),
        *((350, 262, 345, 370), (342, 312, 335, 405), (358, 335, 335, 420), (360, 330, 372, 420)),
        *((372, 335, 394, 405), (408, 318, 412, 405), (432, 318, 428, 402), (452, 317, 443, 400)),
        *((468, 313, 459, 398), (488, 310, 481, 398), (506, 312, 494, 399), (511, 312, 495, 399)),
    ),
}
HIDDEN = {"woman at the left": range(190, 275), "woman at the back": range(155)}
"""Frames on which the trainer hides more than half of a person; their place is a guess."""


def people_report(shown: list[dict[int, np.ndarray]]) -> dict[str, Any]:
    """Return how many people were found a frame, and who.

    Parameters
    ----------
    shown : list of dict
        The poses of each frame: ID -> (33, 2) landmarks, image px.

    Returns
    -------
    dict
        ``visible``, ``found`` and ``false``: people visible and found, and poses that fit nobody,
        means a frame. ``switches``: how often the ID of a person changed. ``share``: for each
        person the share of the visible frames on which they were found.
    """
    names = list(TRUTH)
    found, visible, false, switches = dict.fromkeys(names, 0), dict.fromkeys(names, 0), 0, 0
    last: dict[str, int] = {}
    for index, poses in enumerate(shown):
        matched = _matches(index, poses)
        false += len(poses) - len(matched)
        for name in names:
            is_hidden = index in HIDDEN.get(name, ())
            visible[name] += not is_hidden
            found[name] += name in matched and not is_hidden
        switches += sum(last.get(name, id_) != id_ for name, id_ in matched.items())
        last |= matched
    return {
        "visible": sum(visible.values()) / len(shown),
        "found": sum(found.values()) / len(shown),
        "false": false / len(shown),
        "switches": switches,
        "share": {name: found[name] / max(visible[name], 1) for name in names},
    }


def _matches(index: int, poses: dict[int, np.ndarray]) -> dict[str, int]:
    """Return the ID of the pose of each person on a frame."""
    true = np.array([
        [np.interp(index, np.arange(0, N_FRAMES, STEP), axis) for axis in np.transpose(spots)]
        for spots in TRUTH.values()
    ]).reshape(-1, 2, 2)  # fmt: skip
    torso_px = np.linalg.norm(true[:, 0] - true[:, 1], axis=1)
    ids = list(poses)
    spots = np.array([_neck_and_hips(poses[id_]) for id_ in ids]).reshape(-1, 2, 2)
    distances = np.linalg.norm(true[:, None] - spots[None], axis=3).mean(axis=2)
    gain = np.maximum(NEAR - distances / torso_px[:, None], 0)
    names = list(TRUTH)
    pairs = linear_assignment(-gain)
    return {names[person]: ids[pose] for person, pose in pairs if gain[person, pose] > 0}


def _neck_and_hips(landmarks: np.ndarray) -> np.ndarray:
    return np.array([
        np.mean([landmarks[BLAZEPOSE.index(f"{side}_{part}")] for side in ("left", "right")], 0)
        for part in ("shoulder", "hip")
    ])  # fmt: skip
