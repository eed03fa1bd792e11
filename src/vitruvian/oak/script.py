"""edge_script: the text of the program that runs in the script node of the device."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vitruvian.oak.pipelines import depth_wh
from vitruvian.oak.sizes import size_for

if TYPE_CHECKING:
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.oak.options import OakOptions

__all__ = ["edge_script"]


def edge_script(options: OakOptions, tracker: TrackerOptions) -> str:
    """Return the text of the script of mode "edge".

    Parameters
    ----------
    options : OakOptions
        Size of the frames, depth and trace.
    tracker : TrackerOptions
        Thresholds and `force_detection`.
    """
    size = size_for(options)
    text = _template()
    for name, value in (
        ("FRAME_WH", size.wh),
        ("WHOLE_WH", size.scaled_wh),
        ("CROP_LEFT", size.crop_left_px),
        ("DEPTH_SCALE", depth_wh(size)[0] / size.scaled_wh[0]),
        ("DETECTION_CONFIDENCE", float(tracker.detection_confidence)),
        ("PRESENCE_CONFIDENCE", float(tracker.presence_confidence)),
        ("TRACKING_CONFIDENCE", float(tracker.tracking_confidence)),
        ("FORCE_DETECTION", bool(tracker.force_detection)),
        ("HAS_DEPTH", bool(options.xyz)),
        ("TRACE", bool(options.trace)),
    ):
        text, n = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value!r}", text)
        if n != 1:
            raise RuntimeError(f"the template must set {name} once, got {n} times")
    return f"{text}\n\nrun()\n"


@cache
def _template() -> str:
    return files("vitruvian.oak.device").joinpath("edge_script.py").read_text("utf-8")
