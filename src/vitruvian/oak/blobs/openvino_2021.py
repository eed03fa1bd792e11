"""A program for another Python, 3.8 or 3.9, that has OpenVINO 2021.4.2: runs and compiles networks.

OpenVINO 2021.4.2 is the last version whose packages contain the compiler for the device, and has
none for Python 3.10 or later. So this file must run with Python 3.8 and import nothing of ours.

    python openvino_2021.py ACTION REQUEST ANSWER

REQUEST and ANSWER are JSON files. Libraries write millions of warnings to both output streams; the
caller discards these.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["compile_network", "main", "run_network", "state"]

# OpenVINO compiles for a named platform without a device, and looks for one only afterwards: by
# PCIe, so that it leaves a camera on USB alone.
NO_DEVICE = {"VPU_MYRIAD_PLATFORM": "VPU_MYRIAD_2480", "VPU_MYRIAD_PROTOCOL": "VPU_MYRIAD_PCIE"}
ONE_STREAM = {"MYRIAD_THROUGHPUT_STREAMS": "1"}
SHAVES_OF_A_STREAM = 8  # with more, two streams would need more than the 16 of the device
F32 = {"ENFORCE_BF16": "NO"}  # without it, processors with bf16 compute with 8 bits


def state() -> dict[str, Any]:
    """Return the version of OpenVINO, if all that is needed can be loaded."""
    for module in ("mo", "onnx"):
        import_module(module)
    core = _core()
    version = core.get_versions("MYRIAD")["MYRIAD"]
    return {"version": version.build_number}


def run_network(model: str, inputs: str, outputs: str) -> dict[str, Any]:
    """Run a network on the processor for each sample of an .npz file; write an .npz file.

    In both files, the arrays have the names of the tensors, and one sample a row.
    """
    import numpy as np

    core = _core()
    network = core.read_network(model)
    running = core.load_network(network, "CPU", F32)
    with np.load(inputs) as file:
        samples = dict(file)
    number = len(next(iter(samples.values())))
    found = [running.infer({k: v[i : i + 1] for k, v in samples.items()}) for i in range(number)]
    names = list(network.outputs)
    arrays: Any = {name: np.concatenate([answer[name] for answer in found]) for name in names}
    np.savez(outputs, **arrays)
    return {"outputs": names}


def compile_network(model: str, precision: str, shaves: int, folder: str) -> dict[str, Any]:
    """Compile a network for the device; write ``network.blob`` to `folder`, which is empty."""
    core = _core()
    network = core.read_network(model)
    for tensor in network.input_info.values():
        tensor.precision = precision
    for tensor in network.outputs.values():
        tensor.precision = "FP16"
    core.set_config({"CACHE_DIR": folder}, "")
    config = {
        "MYRIAD_NUMBER_OF_SHAVES": str(shaves),
        "MYRIAD_NUMBER_OF_CMX_SLICES": str(shaves),
        **NO_DEVICE,
        **(ONE_STREAM if shaves > SHAVES_OF_A_STREAM else {}),
    }
    reason = "nothing was compiled"
    try:
        core.load_network(network, "MYRIAD", config)
    except RuntimeError as err:  # always: there is no device
        reason = str(err)
    compiled = list(Path(folder).glob("*.blob"))
    if len(compiled) != 1:
        raise RuntimeError(reason)
    content = compiled[0].read_bytes()
    # OpenVINO writes one line of XML in front of what the device loads.
    _, _, blob = content.partition(b"\n")
    (Path(folder) / "network.blob").write_bytes(blob)
    compiled[0].unlink()
    return {"bytes": len(blob)}


def main(arguments: list[str]) -> None:
    """Run one action; the answer has the key "error" if it fails."""
    action, request, answer = arguments
    actions: dict[str, Any] = {"state": state, "run": run_network, "compile": compile_network}
    try:
        result = actions[action](**json.loads(Path(request).read_text()))
    except Exception as err:  # noqa: BLE001  # the caller raises it
        result = {"error": " ".join(str(err).split()) or type(err).__name__}
    Path(answer).write_text(json.dumps(result))


def _core() -> Any:
    return import_module("openvino.inference_engine").IECore()


if __name__ == "__main__":
    main(sys.argv[1:])
