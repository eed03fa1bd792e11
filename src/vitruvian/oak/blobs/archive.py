"""NNArchive: a compiled network and its description in one file, which depthai 3 reads."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vitruvian.oak.blobs.blob import BlobTensor
    from vitruvian.oak.blobs.compiling import CompiledBlob

__all__ = ["ARCHIVE_SUFFIXES", "archive_bytes"]

ARCHIVE_SUFFIXES = (".tar.xz", ".tar.gz", ".tar")

PRESET: Final = 1  # float16 weights hardly get smaller with more effort
LAYOUTS = {1: "N", 2: "NC", 3: "NCD", 4: "NCHW"}


def archive_bytes(compiled: CompiledBlob) -> bytes:
    """Return the content of an NNArchive, a .tar.xz file. Equal networks give equal bytes."""
    blob_name = f"{compiled.network}.blob"
    config = json.dumps(_config(compiled, blob_name), indent=2).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz", preset=PRESET) as archive:
        for name, content in (("config.json", config), (blob_name, compiled.path.read_bytes())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _config(compiled: CompiledBlob, blob_name: str) -> dict[str, Any]:
    """Return the description of the network.

    Source: depthai-core 3, ``include/depthai/nn_archive/v1``.
    """
    return {
        "config_version": "1.0",
        "model": {
            "metadata": {"name": compiled.network, "path": blob_name, "precision": "float16"},
            "inputs": [_input(tensor) for tensor in compiled.info.inputs],
            "outputs": [_tensor(tensor) for tensor in compiled.info.outputs],
            "heads": [],
        },
    }


def _input(tensor: BlobTensor) -> dict[str, Any]:
    is_image = tensor.dtype == "uint8"
    preprocessing = {
        "mean": None,  # part of the network
        "scale": None,
        "reverse_channels": False,  # BGR
        "interleaved_to_planar": False,
        "dai_type": "BGR888p" if is_image else None,
    }
    return {
        **_tensor(tensor),
        "input_type": "image" if is_image else "raw",
        "preprocessing": preprocessing,
    }


def _tensor(tensor: BlobTensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "dtype": tensor.dtype,
        "shape": list(tensor.shape),
        "layout": LAYOUTS[len(tensor.shape)],
    }
