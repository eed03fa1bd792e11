"""What PyInstaller needs to know about this package; it finds this folder by an entry point."""

from pathlib import Path

__all__ = ["hook_dirs"]


def hook_dirs() -> list[str]:
    """Return the folder with the hooks."""
    return [str(Path(__file__).with_name("hooks"))]
