"""Model files: checks of digest and format, and unpacking of MediaPipe bundles."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.draft import replace_file
from vitruvian.errors import ModelIntegrityError, ModelNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.models.catalog import Weights

__all__ = ["ModelFile", "bundle_files", "check_magic", "tflite_file", "verified_file"]

TFLITE_MAGIC = b"TFL3"  # TensorFlow, compiler/mlir/lite/schema/schema.fbs, file_identifier
BUNDLE_MEMBERS = ("pose_detector.tflite", "pose_landmarks_detector.tflite")  # MediaPipe Tasks
MAX_MEMBER_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that exists, and its SHA-256 digest in hexadecimal."""

    path: Path
    sha256: str

    def path_for(self, file_format: str) -> Path:
        """Return the path if the file has this format, such as "tflite", and is unchanged.

        Raises
        ------
        ModelNotFoundError
            If the file has another format or no longer exists.
        ModelIntegrityError
            If the content of the file has changed.
        """
        if self.path.suffix != f".{file_format}":
            raise ModelNotFoundError(f"{str(self.path)!r} must be a .{file_format} file")
        try:
            digest = _digest_of(self.path)
        except FileNotFoundError as err:
            raise ModelNotFoundError(f"the model file {str(self.path)!r} was removed") from err
        if digest != self.sha256:
            raise ModelIntegrityError(f"the model file {str(self.path)!r} was changed while in use")
        return self.path


def verified_file(weights: Weights, path: Path) -> ModelFile:
    """Return the file at `path`; ModelIntegrityError unless `weights` list its digest."""
    digest = _digest_of(path)
    if digest not in weights.sha256:
        raise ModelIntegrityError(
            f"{str(path)!r} must have SHA-256 {' or '.join(weights.sha256)}, got {digest}"
        )
    return ModelFile(path, digest)


def tflite_file(path: Path) -> ModelFile:
    """Return a file of the user; ModelIntegrityError unless it is a TFLite model."""
    with path.open("rb") as stream:
        check_magic(stream.read(8), str(path))
    return ModelFile(path, _digest_of(path))


def bundle_files(bundle: Path, folder: Path) -> tuple[ModelFile, ModelFile]:
    """Return the detector and the landmark network of a MediaPipe bundle, unpacked to `folder`.

    Runtimes read a model from a path only. Each member is unpacked once, to a file that is named by
    its digest. A damaged file is unpacked again. Threads and processes may unpack at once.

    Raises
    ------
    ModelIntegrityError
        If `bundle` is not a zip file, is damaged, or does not contain both networks.
    ModelNotFoundError
        If `folder` can't be written to.
    """
    detector, landmarks = (_unpacked(bundle, member, folder) for member in BUNDLE_MEMBERS)
    return detector, landmarks


def _digest_of(path: Path) -> str:
    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_magic(head: bytes, name: str) -> None:
    """Raise ModelIntegrityError unless a file that begins with `head` is a TFLite model."""
    if head[4:8] != TFLITE_MAGIC:
        raise ModelIntegrityError(
            f"{name!r} is not a TFLite model: "
            f"bytes 4 to 8 must be {TFLITE_MAGIC!r}, got {head[4:8]!r}"
        )


def _unpacked(bundle: Path, member: str, folder: Path) -> ModelFile:
    content = _member_bytes(bundle, member)
    check_magic(content[:8], f"{bundle}/{member}")
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{digest}.tflite"
    if not (path.is_file() and _digest_of(path) == digest):
        try:
            replace_file(path, content)
        except OSError as err:
            raise ModelNotFoundError(
                f"{str(bundle)!r} can't be unpacked to {str(folder)!r}: {err}"
            ) from err
    return ModelFile(path, digest)


def _member_bytes(bundle: Path, member: str) -> bytes:
    import zipfile
    import zlib

    damage = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # RuntimeError: encrypted
    try:
        with zipfile.ZipFile(bundle) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if not 0 < sizes.get(member, 0) <= MAX_MEMBER_BYTES:
                raise ModelIntegrityError(
                    f"{str(bundle)!r} must contain {member!r} of at most {MAX_MEMBER_BYTES} bytes, "
                    f"it contains {sizes}"
                )
            return archive.read(member)
    except damage as err:
        raise ModelIntegrityError(f"{str(bundle)!r} is not an intact .task bundle: {err}") from err
