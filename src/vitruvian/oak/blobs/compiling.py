"""Compilation for the device: from published files to the cache, with a check at each step."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import SinkError
from vitruvian.models.catalog import LANDMARK_MODELS
from vitruvian.oak.blobs.blob import check_blob
from vitruvian.oak.blobs.cache import blob_key, cached_blob, store_blob
from vitruvian.oak.blobs.comparison import (
    ONNX_TOLERANCE,
    check_outputs,
    device_tolerance,
    onnx_outputs,
    samples_for,
)
from vitruvian.oak.networks import NETWORKS, network_called, onnx_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitruvian.oak.blobs.blob import BlobInfo
    from vitruvian.oak.blobs.compiler import Compiler

__all__ = ["MODELS", "CompiledBlob", "blob_from_onnx", "compiled_blob", "networks_of"]

ALL = ("detector", "best_candidate", "divide_by_255", "lite", "full", "heavy")
MODELS = ("all", *NETWORKS)


@dataclass(frozen=True, slots=True)
class CompiledBlob:
    """A compiled network in the cache.

    Attributes
    ----------
    network : str
        Its name.
    path : Path
    info : BlobInfo
        What its header says.
    """

    network: str
    path: Path
    info: BlobInfo


def networks_of(models: Sequence[str]) -> list[str]:
    """Return the networks that are needed for some models, each once.

    A landmark network needs the detector, and the detector the choice of its best candidate.
    ``"all"`` stands for every network without masks.

    Raises
    ------
    ValueError
        If a name is not one of `MODELS`.
    """
    names: dict[str, None] = {}
    for model in models:
        if model not in MODELS:
            raise ValueError(f"model must be one of {list(MODELS)}, got {model!r}")
        names.update(dict.fromkeys(ALL if model == "all" else _with_detector(model)))
    return list(names)


def compiled_blob(
    name: str,
    *,
    shaves: int,
    compiler: Callable[[], Compiler],
    models_dir: str | Path | None = None,
    report: Callable[[str], None] | None = None,
) -> CompiledBlob:
    """Return a network compiled for the device: from the cache, or compiled now.

    Parameters
    ----------
    name : str
        One of `NETWORKS`.
    shaves : int
        Processor cores of the device, 1 to 16.
    compiler : callable
        Gives the compiler. It is called only if the network is not in the cache.
    models_dir : str or Path, optional
        Folder with the published files.
    report : callable, optional
        Called with the name of each step when it begins.

    Raises
    ------
    ValueError
        If there is no network of this name, or the number of cores is not possible.
    ModelIntegrityError
        If the ONNX file, or what OpenVINO makes of it, differs from the published network.
    InferenceError, BackendUnavailableError
        If OpenVINO fails, or is not available.
    SinkError
        If the cache can't be written.
    """
    n_shaves = network_called(name).shaves_for(shaves)
    onnx = onnx_file(name, models_dir=models_dir)
    key = blob_key(name, n_shaves, onnx)
    path = cached_blob(key)
    if path is None:
        content = blob_from_onnx(
            onnx,
            name,
            shaves=n_shaves,
            compiler=compiler(),
            models_dir=models_dir,
            report=report or _silent,
        )
        try:
            path = store_blob(key, content)
        except OSError as err:
            raise SinkError(f"can't write the compiled network {name!r}: {err}") from err
    return CompiledBlob(name, path, check_blob(path, name, shaves))


def blob_from_onnx(
    onnx: Path,
    name: str,
    *,
    shaves: int,
    compiler: Compiler,
    models_dir: str | Path | None = None,
    report: Callable[[str], None],
) -> bytes:
    """Return an ONNX file compiled for the device, if it gives what the published network gives.

    Parameters and errors are those of `compiled_blob`.
    """
    network = network_called(name)
    report("comparing the ONNX file with the published network")
    samples = samples_for(name, models_dir=models_dir)
    found = onnx_outputs(onnx, samples.inputs)
    check_outputs(f"the ONNX file of {name!r}", found, samples.outputs, ONNX_TOLERANCE)
    with tempfile.TemporaryDirectory() as folder:
        report("converting to float16")
        model = compiler.intermediate(onnx, Path(folder))
        report("comparing the converted file with the published network")
        found = compiler.outputs(model, samples.inputs)
        tolerance = device_tolerance(name)
        check_outputs(f"the float16 form of {name!r}", found, samples.outputs, tolerance)
        report(f"compiling for {shaves} shave{'s' if shaves > 1 else ''}")
        return compiler.blob(model, is_bytes=network.is_bytes, shaves=shaves)


def _with_detector(model: str) -> tuple[str, ...]:
    if NETWORKS[model].model in LANDMARK_MODELS:
        return "detector", "best_candidate", model
    return ("detector", "best_candidate") if model == "detector" else (model,)


def _silent(_step: str) -> None: ...
