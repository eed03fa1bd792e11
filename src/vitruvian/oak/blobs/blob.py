"""Compiled networks: what the header of a .blob file says, and whether it is the wanted network."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.oak.networks import network_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.oak.networks import DeviceNetwork

__all__ = ["BLOB_MAGIC", "BlobInfo", "BlobTensor", "blob_info", "check_blob"]

# The format: OpenVINO 2021.4, inference-engine/src/vpu/graph_transformer,
# include/vpu/backend/blob_format.hpp and src/backend/{blob_serializer,serialize}.cpp. All numbers
# are little-endian and unsigned.
BLOB_MAGIC = b"\x7felf"
ELF_BYTES = 52
HEADER = struct.Struct("<20I")
HEADER_MAGIC = 9709
VERSION = 6  # of OpenVINO 2020.3 to 2022.1
TYPES = ("float16", "uint8", "int32", "float32", "int8")
ENTRY = struct.Struct("<3I")  # index, offset of the data, bytes of the name
TENSOR = struct.Struct("<7I")  # type, order, axes, place and offset of dimensions and of strides


@dataclass(frozen=True, slots=True)
class BlobTensor:
    """An input or output of a compiled network.

    Attributes
    ----------
    name : str
    shape : tuple of int
        With the batch axis, as in the ONNX file: an image is (1, 3, height, width).
    dtype : str
        "float16", "uint8", "int32", "float32" or "int8".
    offset : int
        First byte in the message of all inputs or outputs.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """What the header of a compiled network says.

    Attributes
    ----------
    size : int
        Bytes of the file.
    shaves : int
        Processor cores of the device that it was compiled for.
    stages : int
        Steps of the computation.
    inputs, outputs : tuple of BlobTensor
    """

    size: int
    shaves: int
    stages: int
    inputs: tuple[BlobTensor, ...]
    outputs: tuple[BlobTensor, ...]


def blob_info(path: str | Path) -> BlobInfo:
    """Return what the header of a .blob file says.

    Raises
    ------
    ModelNotFoundError
        If the file can't be read.
    ModelIntegrityError
        If it is not a compiled network, is cut off, or has another version of the format.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as err:
        raise ModelNotFoundError(f"no compiled network at {str(path)!r}: {err.strerror}") from err
    try:
        return _parsed(content)
    except (struct.error, IndexError, UnicodeDecodeError) as err:
        raise ModelIntegrityError(f"the compiled network {str(path)!r} is damaged: {err}") from err
    except ValueError as err:
        raise ModelIntegrityError(f"{str(path)!r} {err}") from err


def check_blob(path: str | Path, network: str, shaves: int) -> BlobInfo:
    """Return what the header of a .blob file says, if it is the wanted network.

    The file of a user may have more outputs than are needed.

    Parameters
    ----------
    path : str or Path
    network : str
        One of `NETWORKS`.
    shaves : int
        Wanted number of processor cores of the device.

    Raises
    ------
    ModelNotFoundError
        If the file can't be read.
    ModelIntegrityError
        If it is not a compiled network, has another version of the format, other inputs or outputs,
        or was compiled for another number of cores. The message says what to do.
    """
    wanted = network_called(network)
    info = blob_info(path)
    advice = f"vitruvian oak compile --model {network} --shaves {shaves}"
    if not _has_inputs(info, wanted) or not _has_outputs(info, wanted):
        raise ModelIntegrityError(
            f"{str(path)!r} is not the network {network!r}: it must have {_listed(wanted.inputs)} "
            f"-> {_listed(wanted.outputs)}, got {_shown(info.inputs)} -> {_shown(info.outputs)}: "
            f"compile it with {advice!r}"
        )
    expected = wanted.shaves_for(shaves)
    if info.shaves != expected:
        raise ModelIntegrityError(
            f"{str(path)!r} must be compiled for {expected} shaves, got {info.shaves}: "
            f"set shaves to {info.shaves}, or compile it with {advice!r}"
        )
    return info


def _has_inputs(info: BlobInfo, wanted: DeviceNetwork) -> bool:
    """Whether the inputs are the wanted ones; the name of a single one does not matter."""
    given = [(t.dtype, math.prod(t.shape), t.name) for t in info.inputs]
    dtype = "uint8" if wanted.is_bytes else "float16"
    need = [(dtype, math.prod(shape), name) for name, shape in wanted.inputs]
    if len(need) == 1:
        return [g[:2] for g in given] == [n[:2] for n in need]
    return sorted(given) == sorted(need)


def _has_outputs(info: BlobInfo, wanted: DeviceNetwork) -> bool:
    given = {(t.name, t.dtype, math.prod(t.shape)) for t in info.outputs}
    return {(name, "float16", math.prod(shape)) for name, shape in wanted.outputs} <= given


def _listed(tensors: Sequence[tuple[str, tuple[int, ...]]]) -> str:
    return ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in tensors)


def _shown(tensors: Sequence[BlobTensor]) -> str:
    return ", ".join(f"{t.name} {'x'.join(map(str, t.shape[1:]))} {t.dtype}" for t in tensors)


def _parsed(content: bytes) -> BlobInfo:
    """Return what the header says; ValueError with the end of a message for other files."""
    if not content.startswith(BLOB_MAGIC):
        raise ValueError(f"is not a compiled network: it must start with {BLOB_MAGIC!r}")
    fields = HEADER.unpack_from(content, ELF_BYTES)
    magic, size, major, _minor, n_inputs, n_outputs, stages = fields[:7]
    if magic != HEADER_MAGIC:
        raise ValueError(f"is not a compiled network: mark {magic}, not {HEADER_MAGIC}")
    if major != VERSION:
        raise ValueError(
            f"is compiled by another version of OpenVINO (format {major}, not {VERSION}): "
            "compile it with 'vitruvian oak compile'"
        )
    if size != len(content):
        raise ValueError(f"is damaged: it must have {size} bytes, got {len(content)}")
    inputs_at, outputs_at, _stages_at, constants_at = fields[16:20]
    return BlobInfo(
        size=size,
        shaves=fields[12],
        stages=stages,
        inputs=_tensors(content, inputs_at, n_inputs, constants_at),
        outputs=_tensors(content, outputs_at, n_outputs, constants_at),
    )


def _tensors(content: bytes, at: int, number: int, constants_at: int) -> tuple[BlobTensor, ...]:
    """Return the inputs or outputs that are described from byte `at` on."""
    tensors = []
    for _ in range(number):
        _index, offset, n_bytes = ENTRY.unpack_from(content, at)
        at += ENTRY.size
        name = content[at : at + n_bytes].rstrip(b"\0").decode()
        at += n_bytes
        kind, _order, n_axes, _, axes_at, _, _ = TENSOR.unpack_from(content, at)
        at += TENSOR.size
        axes = struct.unpack_from(f"<{n_axes}I", content, constants_at + axes_at)
        tensors.append(BlobTensor(name, axes[::-1], TYPES[kind], offset))
    return tuple(tensors)
