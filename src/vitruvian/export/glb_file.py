"""GLB and VRMA: an animated figure in the binary format of glTF 2.0, also a VRM animation."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vitruvian.analysis.rig import BONES, PARENTS
from vitruvian.analysis.rig_bones import joints_from_offsets
from vitruvian.core.rotations import quaternion_from_matrix
from vitruvian.core.version import __version__
from vitruvian.export.figure_motion import figure_motion
from vitruvian.export.ground import FOOT_HEIGHT_M
from vitruvian.export.heading import file_heading, provenance_in
from vitruvian.export.mannequin import COLOURS, mannequin

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.analysis.rig import RigMotion
    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import Motion

    Floats = NDArray[np.float64]

__all__ = ["read_glb_provenance", "write_glb", "write_vrma"]

MAGIC, JSON_CHUNK, BINARY_CHUNK = b"glTF", b"JSON", b"BIN\0"
MAX_JSON = 2**24  # bytes of the JSON chunk of a file of ours, with a margin
ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963
VRM_ANIMATION = "VRMC_vrm_animation"


class _Type(NamedTuple):
    code: int
    dtype: str


FLOAT, BYTE, SHORT = _Type(5126, "<f4"), _Type(5121, "u1"), _Type(5123, "<u2")
KINDS = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}


def write_glb(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write the animated figure; in a gap the last pose is held, and `extras` lists the gaps."""
    _write(motion, path, final.stem, provenance, has_figure=True)


def write_vrma(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write the same without the mesh: a VRM animation, for any VRM avatar."""
    _write(motion, path, final.stem, provenance, has_figure=False)


def _write(
    motion: Motion, path: Path, name: str, provenance: Provenance | None, *, has_figure: bool
) -> None:
    rig = figure_motion(motion)
    document = _Document(rig)
    document.add_animation(rig, name)
    if has_figure:
        document.add_figure(rig)
    document.head["extras"] = file_heading(provenance) | {
        "person": motion.id,
        "fps": motion.fps,
        "scale": motion.scale,
        "up": motion.up.tolist(),
        "root": motion.root,
        "gaps": [[first, last - 1] for first, last in motion.gaps],
    }
    path.write_bytes(document.to_bytes())


def read_glb_provenance(path: Path) -> Provenance | None:
    """Return the provenance in a file that `write_glb` or `write_vrma` wrote.

    Raises
    ------
    ValueError
        If it is no binary glTF file.
    """
    with path.open("rb") as file:
        head = file.read(20)
        if len(head) < 20 or head[:4] != MAGIC or head[16:] != JSON_CHUNK:
            raise ValueError("it is not a binary glTF file")
        length = int.from_bytes(head[12:16], "little")
        if length > MAX_JSON:
            raise ValueError(f"its JSON has {length} bytes")
        document = json.loads(file.read(length))
    return provenance_in(document.get("extras") if isinstance(document, dict) else None)


class _Document:
    """A glTF document with its buffer; the nodes are the bones, in the order of `BONES`."""

    def __init__(self, rig: RigMotion) -> None:
        places = rig.offsets.copy()
        places[0, 1] = rig.rest_height_m + FOOT_HEIGHT_M
        nodes: list[dict[str, Any]] = [
            {"name": name, "translation": _rounded(place)}
            for name, place in zip(BONES, places, strict=True)
        ]
        for bone, parent in enumerate(PARENTS):
            if parent >= 0:
                nodes[parent].setdefault("children", []).append(bone)
        bones = {name: {"node": bone} for bone, name in enumerate(BONES)}
        self.head: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": f"vitruvian {__version__}"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": nodes,
            "extensionsUsed": [VRM_ANIMATION],
            "extensions": {
                VRM_ANIMATION: {"specVersion": "1.0", "humanoid": {"humanBones": bones}}
            },
            "accessors": [],
            "bufferViews": [],
        }
        self._binary = bytearray()

    def add_animation(self, rig: RigMotion, name: str) -> None:
        """Add the rotations of all bones and the positions of the hips."""
        n_frames, n_bones = len(rig), len(BONES)
        times = self._accessor(np.arange(n_frames) / rig.fps, FLOAT, has_range=True)
        values = [self._accessor(rig.root, FLOAT)]
        quaternions = continuous_quaternions(rig.rotations).swapaxes(0, 1)
        view = self._view(quaternions.astype(FLOAT.dtype).tobytes())
        values += [
            self._accessor_of(view, FLOAT, (n_frames, 4), offset=16 * n_frames * bone)
            for bone in range(n_bones)
        ]
        targets = [(0, "translation"), *((bone, "rotation") for bone in range(n_bones))]
        self.head["animations"] = [
            {
                "name": name,
                "channels": [
                    {"sampler": i, "target": {"node": bone, "path": kind}}
                    for i, (bone, kind) in enumerate(targets)
                ],
                "samplers": [
                    {"input": times, "interpolation": "LINEAR", "output": output}
                    for output in values
                ],
            }
        ]

    def add_figure(self, rig: RigMotion) -> None:
        """Add the skinned mesh, as a second root node."""
        joints = joints_from_offsets(rig.offsets)
        joints[:, 1] += self.head["nodes"][0]["translation"][1]
        figure = mannequin(rig.offsets, joints, foot_height_m=FOOT_HEIGHT_M)
        inverse = np.tile(np.eye(4), (len(BONES), 1, 1))
        inverse[:, :3, 3] = -joints
        attributes = {
            "POSITION": self._accessor(
                figure.positions, FLOAT, target=ARRAY_BUFFER, has_range=True
            ),
            "NORMAL": self._accessor(figure.normals, FLOAT, target=ARRAY_BUFFER),
            "JOINTS_0": self._accessor(figure.bones, BYTE, target=ARRAY_BUFFER),
            "WEIGHTS_0": self._accessor(
                figure.weights, BYTE, target=ARRAY_BUFFER, is_normalized=True
            ),
        }
        primitives = [
            {
                "attributes": attributes,
                "indices": self._accessor(triangles.ravel(), SHORT, target=ELEMENT_BUFFER),
                "material": list(COLOURS).index(colour),
            }
            for colour, triangles in figure.triangles.items()
        ]
        self.head["meshes"] = [{"name": "figure", "primitives": primitives}]
        self.head["materials"] = [
            {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*rgb, 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.6,
                },
            }
            for name, rgb in COLOURS.items()
        ]
        matrices = self._accessor(inverse.swapaxes(1, 2), FLOAT)  # column by column
        self.head["skins"] = [
            {"inverseBindMatrices": matrices, "joints": [*range(len(BONES))], "skeleton": 0}
        ]
        self.head["nodes"].append({"name": "figure", "mesh": 0, "skin": 0})
        self.head["scenes"][0]["nodes"].append(len(BONES))

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        self.head["buffers"] = [{"byteLength": len(self._binary)}]
        text = json.dumps(self.head, separators=(",", ":"), allow_nan=False).encode()
        chunks = [
            struct.pack("<I4s", len(data), kind) + data
            for kind, data in (
                (JSON_CHUNK, text + b" " * (-len(text) % 4)),
                (BINARY_CHUNK, bytes(self._binary)),
            )
        ]
        size = 12 + sum(map(len, chunks))
        return b"".join([struct.pack("<4sII", MAGIC, 2, size), *chunks])

    def _accessor(
        self,
        values: NDArray[Any],
        kind: _Type,
        *,
        target: int | None = None,
        has_range: bool = False,
        is_normalized: bool = False,
    ) -> int:
        """Add an array with a view of its own; return the index of its accessor."""
        array = np.ascontiguousarray(values, kind.dtype)
        index = self._accessor_of(self._view(array.tobytes(), target), kind, array.shape)
        accessor = self.head["accessors"][index]
        if has_range:
            low, high = array.min(axis=0), array.max(axis=0)
            accessor |= {"min": np.atleast_1d(low).tolist(), "max": np.atleast_1d(high).tolist()}
        if is_normalized:
            accessor["normalized"] = True
        return index

    def _accessor_of(
        self, view: int, kind: _Type, shape: tuple[int, ...], *, offset: int = 0
    ) -> int:
        """Add a part of a view; return the index of its accessor."""
        accessor = {"bufferView": view, "componentType": kind.code, "count": shape[0]}
        if offset:
            accessor["byteOffset"] = offset
        self.head["accessors"].append(accessor | {"type": KINDS[shape[1:]]})
        return len(self.head["accessors"]) - 1

    def _view(self, data: bytes, target: int | None = None) -> int:
        """Add bytes to the buffer, padded to 4; return the index of their view."""
        view = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)}
        self._binary += data + b"\0" * (-len(data) % 4)
        self.head["bufferViews"].append(view if target is None else view | {"target": target})
        return len(self.head["bufferViews"]) - 1


def continuous_quaternions(rotations: Floats) -> Floats:
    """Return quaternions (T, ..., 4), x, y, z, w, whose signs do not jump from frame to frame."""
    quaternions = quaternion_from_matrix(rotations)
    agreement = (quaternions[1:] * quaternions[:-1]).sum(axis=-1)
    signs = np.cumprod(np.where(agreement < 0, -1.0, 1.0), axis=0)
    quaternions[1:] *= signs[..., None]
    return quaternions


def _rounded(vector: Floats) -> list[float]:
    """Return the float32 values, which readers keep."""
    values: list[float] = (vector.astype(np.float32) + 0.0).tolist()
    return values
