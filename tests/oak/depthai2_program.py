"""Runs in an environment with depthai 2: builds pipelines, converts messages, drives a session.

``python depthai2_program.py OUTPUT FOLDER SITE``: writes what it found to OUTPUT as JSON. SITE is a
folder of packages that the environment lacks; its depthai is not used.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import depthai as dai
import numpy as np

sys.path.append(sys.argv[3])

from tests.oak.build_variants import VARIANTS, blobs_for, graph_of
from tests.oak.depthai_signatures import StandIn
from tests.oak.fake_depthai import FakeDepthAI, device_info
from vitruvian.oak.depthai import runtime_v2
from vitruvian.oak.depthai.build_v2 import build_pipeline
from vitruvian.oak.depthai.connecting import start_runtime
from vitruvian.oak.depthai.device_list import info_of
from vitruvian.oak.depthai.library import load_depthai
from vitruvian.oak.depthai.messages import converters, image_message
from vitruvian.oak.depthai.sensor import Sensor
from vitruvian.oak.runtime import ScriptError

FOCUS = 130


def pipelines(folder: Path) -> list[dict[str, Any]]:
    """Return every graph as depthai serialises it."""
    found = []
    for variant in VARIANTS:
        graph = graph_of(variant)
        sensor = Sensor(lens_position=FOCUS if variant[1] else None)
        pipeline = build_pipeline(dai, graph, blobs=blobs_for(graph, folder), sensor=sensor)
        version = pipeline.getRequiredOpenVINOVersion().name
        found.append({**pipeline.serializeToJson(), "openvino": version})
    return found


def messages() -> dict[str, Any]:
    """Return what real messages become."""
    camera, edge = (graph_of((mode, True, False, False)) for mode in ("camera", "edge"))
    host = graph_of(("host", False, False, False))
    image = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)
    frame = image_message(dai, image, 7)
    frame.setTimestampDevice(timedelta(days=1, microseconds=5))
    picture = converters(edge)["frames"](frame)
    depth = dai.ImgFrame()
    depth.setType(dai.ImgFrame.Type.RAW16)
    depth.setWidth(4)
    depth.setHeight(2)
    depth.setData(np.arange(8, dtype=np.uint16).view(np.uint8))
    depth.setSequenceNum(9)
    group = dai.MessageGroup()
    group["color"], group["depth"] = frame, depth
    synced = converters(camera)["frames"](group).messages
    packet = dai.Buffer()
    packet.setData(np.array([1, 2, 255], np.uint8))
    return {
        "sent": [frame.getType().name, frame.getWidth(), frame.getHeight()],
        "planes": frame.getData().tolist(),
        "image": picture.image.tolist(),
        "number": picture.number,
        "time_us": picture.time_us,
        "depth": synced["depth"].values.tolist(),
        "depth_number": synced["depth"].number,
        "color": synced["color"].image.tolist(),
        "packet": list(converters(edge)["results"](packet).data),
        "layers": layers(host),
    }


def layers(graph: Any) -> dict[str, list[float]]:
    """Return outputs of a network whose message stands for that of a device.

    A program can't fill the layers of a message in depthai 2; the layers are real `TensorInfo`.
    """
    values = np.arange(195 + 1 + 117, dtype=np.float16)
    infos, offset = [], 0
    for name, size in (("Identity", 195), ("Identity_1", 1), ("Identity_4", 117)):
        info = dai.TensorInfo()
        info.name, info.dims, info.offset = name, [1, size], offset
        info.dataType = dai.TensorInfo.DataType.FP16
        infos.append(info)
        offset += 2 * size
    answers = {
        "getAllLayers": infos,
        "getData": values.view(np.uint8),
        "getSequenceNum": 11,
    }
    found = converters(graph)["landmarks_out"](StandIn(dai, dai.NNData, answers))
    return {name: array.ravel().tolist() for name, array in found.arrays.items()}


def session(folder: Path) -> dict[str, Any]:
    """Return the calls of a session on a device that stands for a real one."""
    graph = graph_of(("host", False, False, False))
    packet = dai.ImgFrame()
    out = StandIn(dai, dai.DataOutputQueue, {"tryGet": iter([None, packet, None]).__next__})
    entry = StandIn(dai, dai.DataInputQueue)
    answers = {
        "getOutputQueue": out,
        "getInputQueue": entry,
        "isClosed": False,
        "startPipeline": True,
    }
    device = StandIn(dai, dai.Device, answers)
    blobs = blobs_for(graph, folder)
    running = runtime_v2.start_session(dai, device, graph, blobs, Sensor())
    running.put("detector_in", packet)
    got = running.wait("frames", 1.0) is packet
    nothing = running.wait("frames", 0.0) is None
    is_running = running.is_running()
    running.close()
    return {
        "got": got,
        "nothing": nothing,
        "is_running": is_running,
        "queues": sorted(
            call[1:] for call in device.calls if call[0] in ("getOutputQueue", "getInputQueue")
        ),
        "sent": len(entry.called("send")),
        "closed": len(device.called("close")),
    }


def connection(folder: Path) -> dict[str, Any]:
    """Return what a camera that stands for a real one does from its start to its script's error."""
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")])
    graph = graph_of(("edge", True, False, False))
    runtime = start_runtime(fake.library, fake.free[0], graph, blobs_for(graph, folder))
    info, camera = runtime.info, runtime.camera_for((1152, 648))
    nothing = runtime.receive("results", 0.01)
    fake.log("Script(6)", "ERR", "Traceback:\n  line 3\nNameError: roi")
    try:
        runtime.receive("results", 0.01)
        error = "none"
    except ScriptError as err:
        error = str(err)
    runtime.close()
    runtime.close()
    return {
        "info": [info.name, info.id, info.product, list(info.cameras), info.has_depth],
        "focal_px": camera.focal_px,
        "distortions": camera.distortions.tolist(),
        "nothing": nothing,
        "error": error,
        "closed": len(fake.device.called("close")),
        "listed": [item.id for item in [info_of(fake.free[0])]],
    }


def main() -> None:
    """Write everything."""
    output, folder = Path(sys.argv[1]), Path(sys.argv[2])
    found = {
        "library": [load_depthai().version, load_depthai().major],
        "pipelines": pipelines(folder),
        "messages": messages(),
        "session": session(folder),
        "connection": connection(folder),
        "no_devices": len(dai.Device.getAllAvailableDevices()),
    }
    output.write_text(json.dumps(found))


main()
