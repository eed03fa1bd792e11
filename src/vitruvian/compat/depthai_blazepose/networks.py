"""Which networks the parameters of depthai_blazepose name, and where they run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from vitruvian.errors import ModelNotFoundError
from vitruvian.oak.options import OakOptions

__all__ = [
    "DEVICE_VARIABLE",
    "DeviceModel",
    "device_model",
    "device_name",
    "engine_model",
    "runs_on_device",
]

DEVICE_VARIABLE = "VITRUVIAN_OAK_DEVICE"
"""Environment variable that chooses the OAK; depthai_blazepose has no parameter for it."""

MODELS = ("lite", "full", "heavy")
BLOB = ".blob"
COMPILED = (".xml", ".bin")  # for OpenVINO, which depthai_blazepose does not read either


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """The networks of an OAK.

    Attributes
    ----------
    name : str
        "lite", "full" or "heavy".
    shaves : int
        Processor cores of the device for each network: those of the blobs.
    detector_blob, landmark_blob, candidate_blob : Path or None
        Compiled networks; None for those of Vitruvian.
    """

    name: str
    shaves: int
    detector_blob: Path | None = None
    landmark_blob: Path | None = None
    candidate_blob: Path | None = None


def device_name() -> str | None:
    """Return the OAK to use; None for the first that is free."""
    return os.environ.get(DEVICE_VARIABLE) or None


def runs_on_device(pd_model: str | Path | None, lm_model: str | Path | None) -> bool:
    """Whether the networks for a file run on an OAK: one is chosen, or a model needs one."""
    models = (pd_model, lm_model)
    return device_name() is not None or any(m and Path(m).suffix == BLOB for m in models)


def device_model(
    pd_model: str | Path | None,
    lm_model: str | Path | None,
    pp_model: str | Path | None = None,
) -> DeviceModel:
    """Return the networks for an OAK.

    Raises
    ------
    ModelNotFoundError
        If a file does not exist.
    ModelIntegrityError
        If a file is not a compiled network.
    ValueError
        If a model is neither a name nor a .blob file.
    """
    from vitruvian.oak.blobs.blob import blob_info

    name, landmark_blob = "full" if lm_model is None else str(lm_model), None
    if name not in MODELS:
        landmark_blob = _blob("lm_model", name, f"{list(MODELS)} or the path of a .blob file")
        name = next((size for size in MODELS if size in landmark_blob.stem), "full")
    others = "None or the path of a .blob file"
    detector_blob = _blob("pd_model", pd_model, others) if pd_model else None
    first = landmark_blob or detector_blob
    return DeviceModel(
        name=name,
        shaves=OakOptions().shaves if first is None else blob_info(first).shaves,
        detector_blob=detector_blob,
        landmark_blob=landmark_blob,
        candidate_blob=_blob("pp_model", pp_model, others) if pp_model else None,
    )


def _blob(parameter: str, model: str | Path, allowed: str) -> Path:
    path = Path(model)
    if path.suffix != BLOB:
        raise ValueError(
            f"{parameter} must be {allowed} for an OAK, got {str(model)!r}: "
            "'vitruvian oak compile' makes .blob files"
        )
    if not path.is_file():
        raise ModelNotFoundError(
            f"{parameter}={str(model)!r} does not exist in {str(Path.cwd())!r}"
        )
    return path


def engine_model(pd_model: str | Path | None, lm_model: str | Path | None) -> str | Path:
    """Return the model that runs on this machine; ValueError for one that it can't run."""
    for name, model in (("pd_model", pd_model), ("lm_model", lm_model)):
        if model is not None and Path(model).suffix in COMPILED:
            stem = Path(model).stem
            named = next((size for size in MODELS if size in stem), "full")
            instead = "None" if name == "pd_model" else repr(named)
            raise ValueError(
                f"{name}={str(model)!r} is compiled for OpenVINO: use {instead}, "
                "or the path of a .tflite, .task or .blob file"
            )
    if pd_model is None or pd_model in MODELS or pd_model == lm_model:
        return "full" if lm_model is None else lm_model
    if lm_model is None and Path(pd_model).suffix == ".task":
        return pd_model
    raise ValueError(
        f"pd_model must be None, or the same .task file as lm_model, got {str(pd_model)!r}"
    )
