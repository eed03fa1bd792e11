"""Compare the time of each network with the minimum at the float32 peak of this machine.

    python benchmarks/roofline.py [--models lite full heavy] [--runs 100]

The peak is what NumPy's matrix product reaches, measured in fresh processes with one thread and
with all. Operations are counted from the graph that is run: convolutions and matrix products, a
multiplication and an addition as two operations, sparse weights as if they were dense.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from statistics import median

import numpy as np

from setting import MODELS, machine_line
from vitruvian.backends import Network, Target, compile_network
from vitruvian.backends.openvino_runtime import ov
from vitruvian.engine.model import detector_network, landmark_network
from vitruvian.models.store import find_models

SGEMM = """
import time, numpy as np
a = np.random.default_rng(0).random((1536, 1536), np.float32)
out = a @ a
def once():
    start = time.perf_counter()
    np.matmul(a, a, out=out)
    return time.perf_counter() - start
print(2 * 1536**3 / min(once() for _ in range(20)))
"""


def main() -> None:
    """Print the peaks, then operations, time and share of the peak of each network."""
    args = _arguments()
    print(machine_line())
    counts = list(dict.fromkeys([1, len(os.sched_getaffinity(0))]))
    peaks = {threads: sgemm_peak(threads) for threads in counts}
    for threads, peak in peaks.items():
        print(f"float32 peak, {threads} threads: {peak / 1e9:.0f} GFLOP/s")
    print(f"\n{'network':<20}{'threads':>8}{'MFLOP':>8}{'ms':>8}{'GFLOP/s':>9}{'of peak':>9}")
    for name, network in networks(args.models).items():
        work = operations(network)
        for threads, peak in peaks.items():
            seconds = network_seconds(network, threads, args.runs)
            print(
                f"{name:<20}{threads:8d}{work / 1e6:8.0f}{seconds * 1e3:8.2f}"
                f"{work / seconds / 1e9:9.0f}{work / seconds / peak:9.0%}",
                flush=True,
            )


def sgemm_peak(threads: int) -> float:
    """Return the operations a second of the fastest of 20 float32 matrix products."""
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
    env = os.environ | dict.fromkeys(names, str(threads))
    done = subprocess.run(
        [sys.executable, "-c", SGEMM], env=env, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def networks(models: list[str]) -> dict[str, Network]:
    """Return the detector and the landmark networks, without and with masks, as the engine's."""
    found = {}
    for model in models:
        files = find_models(model)
        found["detector"] = detector_network(files.detector)
        found[model] = landmark_network(files.landmarks)
        found[f"{model} with mask"] = landmark_network(files.landmarks, with_mask=True)
    return found


def operations(network: Network) -> int:
    """Return the floating-point operations that the wanted outputs of `network` need."""
    model = ov.Core().read_model(network.source.path_for("tflite"))
    outputs = {tuple(o.get_partial_shape().to_shape())[1:]: o for o in model.outputs}
    wanted = [outputs[shape].node.input_value(0) for shape in network.outputs]
    part = ov.Model(wanted, model.get_parameters(), "part")
    return sum(_node_operations(node) for node in part.get_ops())


def _node_operations(node: ov.Node) -> int:
    """Return twice the products of a convolution or a matrix product; 0 for any other node."""
    kind = node.get_type_name()
    if kind not in ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"):
        return 0
    data, weights = (tuple(node.input(i).get_shape()) for i in (0, 1))
    result = tuple(node.output(0).get_shape())
    if kind == "MatMul":
        return 2 * int(np.prod(result)) * data[-2 if node.get_attributes()["transpose_a"] else -1]
    if kind == "Convolution":  # weights (out, in, h, w)
        return 2 * int(np.prod(result)) * int(np.prod(weights[1:]))
    if kind == "GroupConvolution":  # weights (groups, out, in, h, w)
        return 2 * int(np.prod(result)) * int(np.prod(weights[2:]))
    return 2 * int(np.prod(data)) * int(np.prod(weights[1:]))  # weights (in, out, h, w)


def network_seconds(network: Network, threads: int, runs: int) -> float:
    """Return the median time of one run on a fixed random image, the copy of it included."""
    image = np.random.default_rng(0).integers(0, 256, (*network.input_hw, 3), np.uint8)
    session = compile_network(network, Target(threads=threads)).open_session()
    seconds = []
    for _ in range(runs + 10):
        start = time.perf_counter()
        session.run(image)
        seconds.append(time.perf_counter() - start)
    session.close()
    return median(seconds[10:])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL")
    parser.add_argument("--runs", type=int, default=100, help="(default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
