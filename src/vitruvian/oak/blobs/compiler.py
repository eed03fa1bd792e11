"""The compiler for the device: OpenVINO 2021.4.2 in another Python, as separate processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.errors import BackendUnavailableError, InferenceError
from vitruvian.oak.blobs import openvino_2021

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Compiler"]

LIMIT_S = 3600.0
# Fusing could multiply the first weights by the scale of the pixels, 1/255: too small for float16.
# The Relu in our ONNX files prevents it, too; either is enough.
CONVERSION = ("--data_type", "FP16", "--disable_fusing")
USB_FOLDER = "libusb"  # of an environment: holds the USB library if the system has none


@dataclass(frozen=True, slots=True)
class Compiler:
    """OpenVINO 2021.4.2 in another Python.

    Attributes
    ----------
    python : Path
        Python 3.8 or 3.9 with the packages.
    """

    python: Path

    def version(self) -> str:
        """Return the version of OpenVINO.

        Raises
        ------
        BackendUnavailableError
            If something is missing there. The message is the reason, without advice.
        """
        try:
            with tempfile.TemporaryDirectory() as folder:
                return str(self._answer("state", {}, Path(folder))["version"])
        except InferenceError as err:
            raise BackendUnavailableError(str(err)) from err

    def intermediate(self, onnx: Path, folder: Path) -> Path:
        """Convert an ONNX file to the format of OpenVINO, float16; return the .xml file.

        Raises
        ------
        InferenceError
            If OpenVINO can't convert it.
        """
        names = ("--input_model", str(onnx), "--output_dir", str(folder), "--model_name", "network")
        done = self._run(("-m", "mo", *names, *CONVERSION))
        path = folder / "network.xml"
        if done.returncode or not path.is_file():
            lines = [line for line in done.stdout.splitlines() if "ERROR" in line]
            reason = lines[0].replace("[ ERROR ]", "").strip() if lines else _status(done)
            raise InferenceError(f"OpenVINO 2021.4.2 can't convert {onnx.name}: {reason}")
        return path

    def outputs(
        self, model: Path, inputs: Mapping[str, NDArray[np.float32]]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the outputs of a network, computed on the processor in float32.

        Parameters
        ----------
        model : Path
            An .xml file of OpenVINO.
        inputs : mapping of str to array
            For each input, one sample a row.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.savez(folder / "inputs.npz", **dict(inputs))  # type: ignore[arg-type]  # names only
            request = {
                "model": str(model),
                "inputs": str(folder / "inputs.npz"),
                "outputs": str(folder / "outputs.npz"),
            }
            self._answer("run", request, folder)
            with np.load(folder / "outputs.npz") as file:
                return dict(file)

    def blob(self, model: Path, *, is_bytes: bool, shaves: int) -> bytes:
        """Return a network compiled for the device.

        Parameters
        ----------
        model : Path
            An .xml file of OpenVINO.
        is_bytes : bool
            Whether the inputs are uint8; else float16.
        shaves : int
            Processor cores of the device.
        """
        with tempfile.TemporaryDirectory() as name:
            cache = Path(name) / "cache"
            cache.mkdir()
            request = {
                "model": str(model),
                "precision": "U8" if is_bytes else "FP16",
                "shaves": shaves,
                "folder": str(cache),
            }
            self._answer("compile", request, Path(name))
            return (cache / "network.blob").read_bytes()

    def _answer(self, action: str, request: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """Return what the program of the other Python answers."""
        asked, answered = folder / "request.json", folder / "answer.json"
        asked.write_text(json.dumps(request))
        done = self._run((openvino_2021.__file__, action, str(asked), str(answered)), quiet=True)
        if not answered.is_file():
            raise InferenceError(
                f"{str(self.python)!r} can't run OpenVINO 2021.4.2: {_status(done)}"
            )
        answer: dict[str, Any] = json.loads(answered.read_text())
        if "error" in answer:
            raise InferenceError(f"OpenVINO 2021.4.2: {answer['error']}")
        return answer

    def _run(
        self, arguments: Sequence[str], *, quiet: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run the other Python; an interrupt ends it, too."""
        output = subprocess.DEVNULL if quiet else subprocess.PIPE
        try:
            return subprocess.run(
                (str(self.python), "-I", *arguments),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=LIMIT_S,
                check=False,
            )
        except OSError as err:
            raise InferenceError(f"{str(self.python)!r} can't be started: {err.strerror}") from err
        except subprocess.TimeoutExpired as err:
            raise InferenceError(f"OpenVINO 2021.4.2 did not end within {LIMIT_S:.0f} s") from err

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        usb = self.python.absolute().parent.parent / USB_FOLDER
        if sys.platform == "linux" and usb.is_dir():
            paths = [str(usb), environment.get("LD_LIBRARY_PATH", "")]
            environment["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
        return environment


def _status(done: subprocess.CompletedProcess[str]) -> str:
    return f"exit status {done.returncode}"
