"""Every error of the package.

A mistake in a call is a `ValueError` or a `TypeError`. What goes wrong in the world is one of::

    VitruvianError
    ├── ModelNotFoundError       no source could give the model file
    ├── ModelIntegrityError      a model file is not what its digest or its shapes promise
    ├── BackendUnavailableError  an optional library or a device is not there (also ImportError)
    ├── InferenceError           a network could not be compiled or run
    ├── SourceError              an image, video, stream or camera can't be read
    ├── SinkError                a result can't be written
    └── DeviceError              a camera or accelerator failed
"""

from __future__ import annotations

__all__ = [
    "BackendUnavailableError",
    "DeviceError",
    "InferenceError",
    "ModelIntegrityError",
    "ModelNotFoundError",
    "SinkError",
    "SourceError",
    "VitruvianError",
]


class VitruvianError(Exception):
    """Root of the errors that are not a mistake in a call."""


class ModelNotFoundError(VitruvianError):
    """No source could give the model file."""


class ModelIntegrityError(VitruvianError):
    """A model file is not what its digest or its shapes promise."""


class BackendUnavailableError(VitruvianError, ImportError):
    """An optional library is not installed, or a runtime does not have the wanted device."""


class InferenceError(VitruvianError):
    """A network could not be compiled or run."""


class SourceError(VitruvianError):
    """An image, video, stream or camera can't be read."""


class SinkError(VitruvianError):
    """A result can't be written."""


class DeviceError(VitruvianError):
    """A camera or accelerator failed."""
