"""The substitute ``mediapipe`` package that a program under ``vitruvian run`` imports.

The parent folder is first on the module path of the program and of its Python child processes.
"""

import sys

del sys.modules[__name__]  # this file; install() below registers the tree under the same name

from vitruvian.compat import install  # noqa: E402

install()
