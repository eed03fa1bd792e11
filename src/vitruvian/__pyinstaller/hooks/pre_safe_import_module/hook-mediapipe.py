"""``import mediapipe`` is this package if MediaPipe is not installed or the switch is on."""

from importlib.machinery import PathFinder


def pre_safe_import_module(api):
    """Take the package in place of MediaPipe; called by PyInstaller."""
    from vitruvian.compat.switch import switch_files

    if switch_files() or PathFinder.find_spec("mediapipe") is None:
        api.add_alias_module("vitruvian.compat.mediapipe", "mediapipe")
