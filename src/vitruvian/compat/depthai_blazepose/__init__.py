"""The classes of depthai_blazepose for a computer: files, cameras and arrays instead of an OAK.

The modules have that project's names, so that a program changes its import lines only.
"""

# The modules come first: importing one later would put it in the place of its class here.
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
