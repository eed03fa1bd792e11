"""Imported at the start by every Python that a program under ``vitruvian run`` starts.

Only Pythons of the environment that runs the program import Vitruvian's ``mediapipe``, and its
modules of depthai_blazepose. All others are left as if this folder were not on their module path.
Any Python from 2.7 on can run this file.
"""

import os
import sys

_FOLDER = os.path.realpath(os.path.dirname(os.path.abspath(__file__)))
_ENVIRONMENT = "VITRUVIAN_RUN"  # names the environment; see compat/programs.py


def _without_folder(paths):
    return [path for path in paths if not path or os.path.realpath(path) != _FOLDER]


def _redirect():
    import vitruvian_blazepose_redirect
    import vitruvian_redirect

    vitruvian_redirect.redirect()
    vitruvian_blazepose_redirect.redirect()
    sys.path[:] = [
        os.path.join(path, "metadata") if path and os.path.realpath(path) == _FOLDER else path
        for path in sys.path
    ]


def _step_aside():
    sys.path[:] = _without_folder(sys.path)
    os.environ.pop(_ENVIRONMENT, None)
    kept = _without_folder(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    os.environ["PYTHONPATH"] = os.pathsep.join(kept)
    if not os.environ["PYTHONPATH"]:
        del os.environ["PYTHONPATH"]


def _import_the_next():
    """Import the ``sitecustomize`` that Python would have imported without this one."""
    this = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        sys.modules.setdefault("sitecustomize", this)


if os.environ.get(_ENVIRONMENT) == "%x %s" % (sys.hexversion, os.path.realpath(sys.prefix)):
    _redirect()
else:
    _step_aside()
_import_the_next()
