"""Checks of the options before a device is opened: script, given networks, size and rate."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import DeviceError, ModelNotFoundError
from vitruvian.oak.archive import ARCHIVE_SUFFIXES
from vitruvian.oak.blob import check_blob
from vitruvian.oak.options import OakOptions
from vitruvian.oak.sizes import size_for

if TYPE_CHECKING:
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
        If a given blob is absent, another network, or compiled for other shaves or another version.
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
        if not str(given).endswith(ARCHIVE_SUFFIXES):
            check_blob(given, node.properties["network"], options.shaves)
        elif not Path(given).is_file():
            raise ModelNotFoundError(f"no compiled network at {str(given)!r}")


def warn_of_limits(graph: Graph, options: OakOptions) -> None:
    """Warn about a frame height and a frame rate that differ from what is used or reached."""
    if "camera" in graph:
        _check_height(options)
        _check_fps(graph, options)


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
