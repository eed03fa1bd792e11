"""The script in other interpreters: Python 3.9 itself, and with the classes of depthai itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tests.oak.script_device import INPUTS, OUTPUTS, ScriptDevice
from vitruvian.oak.options import OakOptions

OPTIONS = [
    OakOptions(mode="edge", xyz=xyz, crop=crop) for xyz in (False, True) for crop in (False, True)
]

# Runs the script with stored answers, and prints its packets and zones. The classes of messages are
# those of depthai, or take everything where no version is given. A script makes `Buffer(n)`, and
# reads the tensors of an NNData in depthai 2, which the depthai of a host can't do there.
PROGRAM = """
import json, sys
text, answers, ports, version = json.load(sys.stdin)
packets, zones, rects = [], [], []

class Anything:
    def __init__(self, *args):
        pass
    def __getattr__(self, name):
        return self.__dict__.setdefault(name, Anything())
    def __call__(self, *args):
        return Anything()

class Buffer:
    def __init__(self, n):
        self.data = bytearray(n)
    def getData(self):
        return memoryview(self.data)

class Answer:
    def __init__(self, layers, number):
        self.layers, self.number = layers, number
    def getLayerFp16(self, name):
        return self.layers[name]
    def getSequenceNum(self):
        return self.number

def answer_of(data):
    if "z" in data:
        return Locations(data["z"])
    if version == 3:
        answer = depthai.NNData()
        answer.setData(bytes.fromhex(data["bytes"]))
        answer.setSequenceNum(data["number"])
        return answer
    return Answer(data["layers"], data["number"])

class Locations:
    def __init__(self, depths):
        self.depths = depths
    def getSpatialLocations(self):
        found = []
        for z in self.depths:
            location = Anything()
            location.spatialCoordinates.z = z
            found.append(location)
        return found

class Port:
    def get(self):
        if not answers:
            told = [[r.center.x, r.center.y, r.size.width, r.size.height, r.angle] for r in rects]
            print(json.dumps([packets, zones, told if version else []]))
            sys.exit()
        return answer_of(answers.pop(0))
    def send(self, message):
        if version and hasattr(message, "getConfigData"):
            rois = [(zone.roi, zone.depthThresholds) for zone in message.getConfigData()]
            zones.append([[r.topLeft().x, r.topLeft().y, r.bottomRight().x, r.bottomRight().y,
                           t.lowerThreshold, t.upperThreshold] for r, t in rois])
        elif type(message).__name__ == "Buffer":
            packets.append(bytes(message.getData()).hex())

node = Anything()
node.io = {name: Port() for name in ports}
names = {"node": node, "Buffer": Buffer}
locations = "SpatialLocationCalculatorConfig"
for name in ("ImageManipConfig", "Point2f", "Rect", "RotatedRect", "Buffer", locations,
             locations + "Data"):
    if version:
        import depthai
        if (name, version) != ("Buffer", 2):
            names[name] = getattr(depthai, name)
    elif name != "Buffer":
        names[name] = Anything
make = names["RotatedRect"]

def rotated_rect():
    rects.append(make())
    return rects[-1]

names["RotatedRect"] = rotated_rect
exec(text, names)
"""


@dataclass
class Recorded(ScriptDevice):
    """Notes its answers as plain values."""

    answers: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, port: str) -> Any:
        answer: Any = super().answer(port)
        if port == "locations":
            self.answers.append({"z": [location.xyz_mm[2] for location in answer.locations]})
            return answer
        halves = {name: a.astype("<f2").ravel() for name, a in answer.arrays.items()}
        aligned = b"".join(a.tobytes() + bytes(-a.nbytes % 64) for a in halves.values())
        layers = {name: a.tolist() for name, a in halves.items()}
        self.answers.append({"layers": layers, "bytes": aligned.hex(), "number": answer.number})
        return answer


def outcome(
    python: str, version: int | None, device: Recorded
) -> tuple[list[bytes], list[Any], list[Any]]:
    """What the script sends in another interpreter, for the answers of `device`.

    The packets; with a version also the zones, and the rectangles of the crops.
    """
    device.run()
    told = json.dumps([device.text, device.answers, [*INPUTS, *OUTPUTS], version])
    done = subprocess.run(
        [python, "-c", PROGRAM],
        input=told,
        env={**os.environ, "DEPTHAI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    packets, zones, rects = json.loads(done.stdout.splitlines()[-1])
    return [bytes.fromhex(data) for data in packets], zones, rects


def python_of(variable: str, what: str) -> str:
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} does not name {what}")
    return python


@pytest.mark.parametrize("options", OPTIONS)
def test_python_3_9_runs_the_script_with_equal_packets(options: OakOptions) -> None:
    python = python_of("VITRUVIAN_OPENVINO2021_PYTHON", "a Python 3.8 or 3.9")
    device = Recorded(options)
    assert outcome(python, None, device)[0] == device.packets


@pytest.mark.oak
@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("options", OPTIONS)
def test_the_classes_of_depthai_take_all_calls_of_the_script(
    version: int, options: OakOptions
) -> None:
    if version == 2:
        python = python_of("VITRUVIAN_DEPTHAI2_PYTHON", "a Python with depthai 2")
    else:
        pytest.importorskip("vitruvian.oak.depthai.library")
        found = subprocess.run(
            [sys.executable, "-c", "import importlib.metadata as m; print(m.version('depthai'))"],
            capture_output=True,
            text=True,
            check=False,
        )
        if not found.stdout.startswith("3."):
            pytest.skip("needs depthai 3")
        python = sys.executable
    device = Recorded(options)
    packets, zones, rects = outcome(python, version, device)
    assert packets == device.packets
    wanted = [[[*z.xyxy, *z.limits_mm] for z in request.zones] for request in device.zones]
    assert np.array_equal(zones, wanted)
    size = np.array([*device.wh, *device.wh, 1.0])
    crops = [(*r.center, *r.wh, np.degrees(r.rotation)) for r in device.rois]
    assert np.allclose(np.array(rects) * size, crops, rtol=1e-6)
