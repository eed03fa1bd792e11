"""Redirects ``import mediapipe`` to Vitruvian, which is loaded only then.

`vitruvian mediapipe on` copies this file into the environment, where it must be silent and harmless
also after Vitruvian is uninstalled.
"""

import sys


class VitruvianRedirect:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname.partition(".")[0] != "mediapipe" or "mediapipe" in sys.modules:
            return None
        try:
            import vitruvian.compat.import_hook as import_hook  # names what is missing
        except ModuleNotFoundError as error:
            if error.name in ("vitruvian", "vitruvian.compat", "vitruvian.compat.import_hook"):
                return None
            raise
        if import_hook.finder not in sys.meta_path:  # install() would import mediapipe here
            sys.meta_path.insert(0, import_hook.finder)
        return import_hook.finder.find_spec(fullname, path, target)


def redirect():
    if not any(getattr(f, "__name__", "") == "VitruvianRedirect" for f in sys.meta_path):
        sys.meta_path.insert(0, VitruvianRedirect)
