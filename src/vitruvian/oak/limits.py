"""Checks of the options before a device is opened: script, given networks, size and rate."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import DeviceError, ModelIntegrityError, ModelNotFoundError
from vitruvian.oak.blobs.archive import ARCHIVE_SUFFIXES
from vitruvian.oak.blobs.blob import check_blob
from vitruvian.oak.device.edge_script import OFFSETS
from vitruvian.oak.networks import NETWORKS
from vitruvian.oak.options import OakOptions
from vitruvian.oak.sizes import size_for

if TYPE_CHECKING:
    from vitruvian.oak.blobs.blob import BlobInfo
    from vitruvian.oak.graph import Graph

__all__ = ["MAX_SCRIPT_BYTES", "check_limits", "warn_of_limits"]

logger = logging.getLogger(__name__)

# An assumption: neither depthai's sources (Script.cpp stores the text as an asset of any size) nor
# its documentation name a limit. The script of depthai_blazepose has about 13 kB.
MAX_SCRIPT_BYTES = 64 * 1024


def check_limits(graph: Graph, options: OakOptions) -> None:
    """Refuse what no device can run.

    Raises
    ------
    DeviceError
        If the script is larger than the device takes.
    ModelNotFoundError, ModelIntegrityError
        If a given blob is absent, another network, compiled for other shaves or another version, or
        can't be read by the script.
    """
    if "script" in graph:
        n_bytes = len(graph["script"].properties["text"].encode())
        if n_bytes > MAX_SCRIPT_BYTES:
            raise DeviceError(
                f"the script of the device must have at most {MAX_SCRIPT_BYTES} bytes, "
                f"got {n_bytes}: use mode 'host'"
            )
    for node in graph.nodes:
        given = node.properties.get("blob")
        if given is None:
            continue
        if str(given).endswith(ARCHIVE_SUFFIXES):
            if not Path(given).is_file():
                raise ModelNotFoundError(f"no compiled network at {str(given)!r}")
            continue
        network = node.properties["network"]
        info = check_blob(given, network, options.shaves)
        if any(link.target[0] == "script" for link in graph.links_from(node.name)):
            _check_offsets(info, str(given), network)


def warn_of_limits(graph: Graph, options: OakOptions) -> None:
    """Warn about a frame height and a frame rate that differ from what is used or reached."""
    if "camera" in graph:
        _check_height(options)
        _check_fps(graph, options)


def _check_offsets(info: BlobInfo, path: str, network: str) -> None:
    """Raise ModelIntegrityError if a script of depthai 3, which sees no names, would misread it."""
    wanted = [name for name, _ in NETWORKS[network].outputs]
    if any(t.name in wanted and t.offset != OFFSETS[t.name] for t in info.outputs):
        raise ModelIntegrityError(
            f"{path!r} must have no other outputs before {wanted} in mode 'edge', "
            f"got {[t.name for t in info.outputs]}: use mode 'host', "
            f"or compile it with 'vitruvian oak compile --model {network} --shaves {info.shaves}'"
        )


def _check_height(options: OakOptions) -> None:
    size = size_for(options)
    ratio = 2 if options.resolution == "ultra" else 1
    if size.wh[1] == options.frame_height * ratio:
        return
    is_default = options.frame_height == OakOptions().frame_height
    logger.log(
        logging.INFO if is_default else logging.WARNING,
        "frames of %d px height are not possible: the nearest size, %dx%d px, is used",
        options.frame_height * ratio,
        *size.wh,
    )


def _check_fps(graph: Graph, options: OakOptions) -> None:
    """Warn about a frame rate above that of the networks."""
    if options.fps is None or "landmarks" not in graph:
        return
    model = graph["landmarks"].properties["network"].removesuffix("_masks")
    reached = replace(options, fps=None).fps_for(model)
    if options.fps > reached:
        logger.warning(
            "mode %r reaches about %g frames/s with model %r, not %g: frames are dropped",
            options.mode, reached, model, options.fps,
        )  # fmt: skip
