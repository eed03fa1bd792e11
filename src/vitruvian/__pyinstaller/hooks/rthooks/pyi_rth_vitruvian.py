"""Runs at the start of a frozen program: redirects ``import mediapipe`` if there is no other."""

import importlib.util

if importlib.util.find_spec("mediapipe") is None:
    from vitruvian.compat import install

    install()
