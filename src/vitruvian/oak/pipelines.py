"""The graphs of the three modes.

Properties by kind of node:

- ``color_camera``: ``wh`` of the frames, ``scale`` (numerator, denominator), ``resolution``,
  ``fps``, ``is_focus_fixed`` (at the lens position of the calibration, so that depth aligns).
  Frames are BGR planar, as networks take them.
- ``mono_camera``: ``socket`` ("left", "right"), ``height`` 400, ``fps``.
- ``stereo``: ``confidence`` (0 to 255: the larger, the less sure are the disparities that count),
  ``left_right_check``, ``subpixel``, ``median`` (side of the filter, px), ``wh`` of the depth
  image. That is aligned with the colour image, and shows the field of view of the whole scaled one;
  its width may be up to 15 px less, because it must be a multiple of 16.
- ``crop``: ``wh`` of its output; waits for a configuration and applies it to the newest image.
- ``network``: ``network`` (a name in `NETWORKS`), ``blob`` (a path, or None for the cache),
  ``threads``, ``models_dir`` (a folder with the published files, or None).
- ``script``: ``text``.
- ``locations``: waits for a configuration and applies it to the newest depth image.
- ``sync``: ``threshold_us``.
- ``from_host``, ``to_host``: ``stream``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.oak.graph import Graph, Link, Node
from vitruvian.oak.sizes import size_for

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.sizes import FrameSize

__all__ = [
    "DETECTOR_IN",
    "DETECTOR_OUT",
    "FRAMES",
    "LANDMARKS_IN",
    "LANDMARKS_OUT",
    "RESULTS",
    "camera_graph",
    "depth_wh",
    "edge_graph",
    "host_graph",
]

# Streams between host and device. With `xyz`, FRAMES of modes "camera" and "host" are `Synced`:
# "color" and "depth".
FRAMES, RESULTS = "frames", "results"
DETECTOR_IN, DETECTOR_OUT = "detector_in", "detector_out"
LANDMARKS_IN, LANDMARKS_OUT = "landmarks_in", "landmarks_out"

STEREO = {  # depthai_blazepose, BlazeposeDepthaiEdge.py, create_pipeline
    "confidence": 230,
    "left_right_check": True,
    # False there, for latency. Hips at 4 m are 0.65 % off with it, 2.7 % without
    # (docs/depth-cameras.md); the highest rate falls from 105 to 96 fps (Luxonis, at 640x400).
    "subpixel": True,
    "median": 5,  # the default of depthai 2, but not of depthai 3
}


STEREO_WIDTH_STEP = 16  # the firmware refuses other widths of aligned depth images


def camera_graph(options: OakOptions, model: str) -> Graph:
    """Return the graph of mode "camera": frames, and depth with `xyz`."""
    nodes, links = _frames_with_depth(options, model)
    return Graph(tuple(nodes), tuple(links))


def host_graph(
    options: OakOptions,
    model: str,
    *,
    masks: bool,
    with_camera: bool,
    models_dir: str | Path | None = None,
) -> Graph:
    """Return the graph of mode "host": two networks for images that the host sends.

    Parameters
    ----------
    options : OakOptions
    model : str
        "lite", "full" or "heavy".
    masks : bool
        Whether the landmark network also gives heat maps and masks.
    with_camera : bool
        Whether the camera of the device gives the frames; else they come from elsewhere.
    models_dir : str or Path, optional
        Folder with the published files; None for the environment's or the user's cache.
    """
    nodes, links = _frames_with_depth(options, model) if with_camera else ([], [])
    landmarks = f"{model}_masks" if masks else model
    for name, network, blob, streams in (
        ("detector", "detector", options.detector_blob, (DETECTOR_IN, DETECTOR_OUT)),
        ("landmarks", landmarks, options.landmark_blob, (LANDMARKS_IN, LANDMARKS_OUT)),
    ):
        nodes += [
            Node(streams[0], "from_host", {"stream": streams[0]}),
            _network(name, network, blob, models_dir, threads=2),
            Node(streams[1], "to_host", {"stream": streams[1]}),
        ]
        links += [
            Link((streams[0], "out"), (name, "in")),
            Link((name, "out"), (streams[1], "in")),
        ]
    return Graph(tuple(nodes), tuple(links))


def edge_graph(
    options: OakOptions, model: str, script: str, *, models_dir: str | Path | None = None
) -> Graph:
    """Return the graph of mode "edge": everything on the device, directed by a script.

    Ports of the script: outputs ``detector_config``, ``landmark_config``, ``zones`` (with `xyz`)
    and ``result``; inputs ``detection``, ``landmarks`` and ``locations`` (with `xyz`).
    """
    size = size_for(options)
    nodes = [
        _color_camera(options, size, model),
        Node("detector_crop", "crop", {"wh": (224, 224)}),
        _network("detector", "detector", options.detector_blob, models_dir, threads=2),
        _network("best_candidate", "best_candidate", options.candidate_blob, models_dir),
        Node("landmark_crop", "crop", {"wh": (256, 256)}),
        _network("landmarks", model, options.landmark_blob, models_dir),
        Node("script", "script", {"text": script}),
        Node(RESULTS, "to_host", {"stream": RESULTS}),
    ]
    links = [
        _newest(("camera", "frames"), ("detector_crop", "image")),
        _newest(("camera", "frames"), ("landmark_crop", "image")),
        Link(("script", "detector_config"), ("detector_crop", "config")),
        Link(("detector_crop", "out"), ("detector", "in")),
        Link(("detector", "out"), ("best_candidate", "in")),
        Link(("best_candidate", "out"), ("script", "detection")),
        Link(("script", "landmark_config"), ("landmark_crop", "config")),
        Link(("landmark_crop", "out"), ("landmarks", "in")),
        Link(("landmarks", "out"), ("script", "landmarks")),
        Link(("script", "result"), (RESULTS, "in")),
    ]
    if not options.laconic:
        nodes.append(Node(FRAMES, "to_host", {"stream": FRAMES}))
        links.append(Link(("camera", "frames"), (FRAMES, "in")))
    if options.xyz:
        depth_nodes, depth_links = _depth(options, size, model)
        nodes += [*depth_nodes, Node("locations", "locations")]
        links += [
            *depth_links,
            _newest(("stereo", "depth"), ("locations", "depth")),
            Link(("script", "zones"), ("locations", "config")),
            Link(("locations", "out"), ("script", "locations")),
        ]
    return Graph(tuple(nodes), tuple(links))


def depth_wh(size: FrameSize) -> tuple[int, int]:
    """Return the size of the depth images, px."""
    width, height = size.scaled_wh
    return width // STEREO_WIDTH_STEP * STEREO_WIDTH_STEP, height


def _frames_with_depth(options: OakOptions, model: str) -> tuple[list[Node], list[Link]]:
    """Return the camera and the stream of its frames; with `xyz` each with its depth image."""
    size = size_for(options)
    nodes = [_color_camera(options, size, model), Node(FRAMES, "to_host", {"stream": FRAMES})]
    if not options.xyz:
        return nodes, [Link(("camera", "frames"), (FRAMES, "in"))]
    depth_nodes, links = _depth(options, size, model)
    half_period_us = round(5e5 / options.fps_for(model))
    nodes += [*depth_nodes, Node("sync", "sync", {"threshold_us": half_period_us})]
    links += [
        Link(("camera", "frames"), ("sync", "color")),
        Link(("stereo", "depth"), ("sync", "depth")),
        Link(("sync", "out"), (FRAMES, "in")),
    ]
    return nodes, links


def _color_camera(options: OakOptions, size: FrameSize, model: str) -> Node:
    properties = {
        "wh": size.wh,
        "scale": size.scale,
        "resolution": options.resolution,
        "fps": options.fps_for(model),
        "is_focus_fixed": options.xyz,
    }
    return Node("camera", "color_camera", properties)


def _depth(options: OakOptions, size: FrameSize, model: str) -> tuple[list[Node], list[Link]]:
    nodes = [
        Node(side, "mono_camera", {"socket": side, "height": 400, "fps": options.fps_for(model)})
        for side in ("left", "right")
    ]
    nodes.append(Node("stereo", "stereo", {**STEREO, "wh": depth_wh(size)}))
    return nodes, [Link((side, "frames"), ("stereo", side)) for side in ("left", "right")]


def _network(
    name: str, network: str, blob: object, models_dir: str | Path | None, *, threads: int = 1
) -> Node:
    properties = {"network": network, "blob": blob, "threads": threads, "models_dir": models_dir}
    return Node(name, "network", properties)


def _newest(source: tuple[str, str], target: tuple[str, str]) -> Link:
    """Return a link whose target sees the newest message only."""
    return Link(source, target, queue_size=1, is_blocking=False)
