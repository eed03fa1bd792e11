"""What ``import mediapipe`` finds in a program under ``vitruvian run``.

This folder is ahead in the program's module path, and in that of every Python it starts.
"""

import sys

del sys.modules[__name__]  # which is this file, until the line below puts the tree in its place

from vitruvian.compat import install  # noqa: E402

install()
