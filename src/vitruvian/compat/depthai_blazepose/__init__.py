"""The classes of depthai_blazepose, for OAK cameras, files, webcams and arrays.

The modules have depthai_blazepose's names, so a program changes only its import lines.
"""

# Modules first: importing a module later would replace the class of the same name here.
from vitruvian.compat.depthai_blazepose import BlazeposeDepthaiEdge, mediapipe_utils
from vitruvian.compat.depthai_blazepose.BlazeposeDepthai import BlazeposeDepthai
from vitruvian.compat.depthai_blazepose.BlazeposeRenderer import BlazeposeRenderer
from vitruvian.compat.depthai_blazepose.mediapipe_utils import KEYPOINT_DICT, Body

__all__ = [
    "KEYPOINT_DICT",
    "BlazeposeDepthai",
    "BlazeposeDepthaiEdge",
    "BlazeposeRenderer",
    "Body",
    "mediapipe_utils",
]
