"""All errors of the package.

A mistake in a call is a `ValueError` or a `TypeError`. Everything else that can fail is one of:

    VitruvianError
    ├── ModelNotFoundError       a model file could not be found or downloaded
    ├── ModelIntegrityError      a model file has the wrong digest or the wrong shapes
    ├── BackendUnavailableError  a runtime, device or optional library is missing (ImportError)
    ├── InferenceError           a network could not be compiled or run
    ├── SourceError              an image, video, stream or camera could not be read
    ├── SinkError                a result could not be written
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
    """Base class of all errors that are not a mistake in a call."""


class ModelNotFoundError(VitruvianError):
    """A model file could not be found or downloaded."""


class ModelIntegrityError(VitruvianError):
    """A model file has the wrong digest or the wrong shapes."""


class BackendUnavailableError(VitruvianError, ImportError):
    """A runtime, device or optional library is missing; also an `ImportError`."""


class InferenceError(VitruvianError):
    """A network could not be compiled or run."""


class SourceError(VitruvianError):
    """An image, video, stream or camera could not be read."""


class SinkError(VitruvianError):
    """A result could not be written."""


class DeviceError(VitruvianError):
    """A camera or accelerator failed."""
