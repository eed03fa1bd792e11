"""Redirects the modules of depthai_blazepose to Vitruvian, which is loaded only then.

Only programs under `vitruvian run` use this file: `vitruvian mediapipe on` does not copy it.
"""

import sys

NAMES = (
    "BlazeposeDepthai",
    "BlazeposeDepthaiEdge",
    "BlazeposeRenderer",
    "FPS",
    "mediapipe_utils",
)


class VitruvianBlazeposeRedirect:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname not in NAMES:
            return None
        import vitruvian.compat.blazepose_hook as blazepose_hook

        return blazepose_hook.finder.find_spec(fullname, path, target)


def redirect():
    sys.meta_path.insert(0, VitruvianBlazeposeRedirect)
