"""BVH: a skeleton and its motion as text, for Blender, MotionBuilder, Unreal and most others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.rig import BONES, END_SITES, PARENTS
from vitruvian.export.figure_motion import figure_motion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import Motion

    Floats = NDArray[np.float64]

__all__ = ["write_bvh"]

CM = 100.0
ROTATIONS = "Zrotation Xrotation Yrotation"
LEVEL = 1 - 1e-12  # sine of the middle angle from which the other two are not apart


def write_bvh(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write one row for each frame: position of the hips in cm, rotations in degrees.

    Y is up, the person looks along +Z. In a gap the last pose is held.
    """
    rig = figure_motion(motion)
    angles = np.degrees(_zxy_angles(rig.rotations)).reshape(len(rig), -1)
    row_format = "\t".join(["%.6f"] * (3 + angles.shape[1])) + "\n"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("HIERARCHY\n")
        file.writelines(_joint(0, CM * rig.offsets, ""))
        file.write(f"MOTION\nFrames:\t{len(rig)}\nFrame Time:\t{1 / rig.fps:.8f}\n")
        for root, row in zip(CM * rig.root, angles, strict=True):
            file.write(row_format % (*root.tolist(), *row.tolist()))


def _joint(bone: int, offsets: Floats, indent: str) -> Iterator[str]:
    """Yield the lines of a joint and of those below it."""
    name = BONES[bone]
    yield f"{indent}{'ROOT' if bone == 0 else 'JOINT'} {name[0].upper()}{name[1:]}\n"
    yield f"{indent}{{\n"
    inner = indent + "\t"
    yield f"{inner}{_offset(offsets[bone])}"
    if bone == 0:
        yield f"{inner}CHANNELS 6 Xposition Yposition Zposition {ROTATIONS}\n"
    else:
        yield f"{inner}CHANNELS 3 {ROTATIONS}\n"
    for child, parent in enumerate(PARENTS):
        if parent == bone:
            yield from _joint(child, offsets, inner)
    if name in END_SITES:
        end = _offset(CM * np.array(END_SITES[name]))
        yield f"{inner}End Site\n{inner}{{\n{inner}\t{end}{inner}}}\n"
    yield f"{indent}}}\n"


def _offset(vector: Floats) -> str:
    return "OFFSET {:.6f} {:.6f} {:.6f}\n".format(*(vector + 0.0).tolist())  # no -0


def _zxy_angles(rotations: Floats) -> Floats:
    """Return the angles (T, B, 3), rad, of R = Rz Rx Ry, continuous over time.

    Two triples give the same rotation; that which is nearer to the last frame is taken.
    """
    sine = np.clip(rotations[..., 2, 1], -1, 1)
    is_level = np.abs(sine) > LEVEL  # then z takes all of the rotation
    z = np.where(
        is_level,
        np.arctan2(rotations[..., 1, 0], rotations[..., 0, 0]),
        np.arctan2(-rotations[..., 0, 1], rotations[..., 1, 1]),
    )
    y = np.where(is_level, 0.0, np.arctan2(-rotations[..., 2, 0], rotations[..., 2, 2]))
    one = np.stack([z, np.arcsin(sine), y], axis=-1)
    other = np.stack([z + np.pi, np.pi - one[..., 1], y + np.pi], axis=-1)
    step, other_step = (_turn(angles[1:] - one[:-1]) for angles in (one, other))
    is_changed = (np.cumsum(other_step < step, axis=0) % 2).astype(bool)
    one[1:] = np.where(is_changed[..., None], other[1:], one[1:])
    return np.unwrap(one, axis=0)


def _turn(changes: Floats) -> Floats:
    """Return the sum of the changes of three angles, each the shorter way around."""
    total: Floats = np.abs((changes + np.pi) % (2 * np.pi) - np.pi).sum(axis=-1)
    return total
