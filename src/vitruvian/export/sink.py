"""Sink: where results are written; a file gets its name when it is complete."""

from __future__ import annotations

import atexit
import logging
import warnings
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Protocol, Self
from weakref import WeakSet

from vitruvian.draft import Draft
from vitruvian.errors import SinkError
from vitruvian.export.heading import compact_json, completed, file_heading, sidecar_of
from vitruvian.export.record_file import RecordFile
from vitruvian.export.suffix import stem_of
from vitruvian.fork import leak_when_forked, renew_when_forked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance

__all__ = ["FileSink", "Sink", "SinkGroup", "Writer", "new_draft"]

logger = logging.getLogger(__name__)

_OPEN_SINKS: WeakSet[FileSink] = WeakSet()  # those that the end of the program has to salvage


class Sink(Protocol):
    """Receives the results of one run, frame by frame; a context manager.

    On leaving the ``with`` block, and after `KeyboardInterrupt`, each file gets its final name; an
    existing file is replaced only then. After any other error the frames so far are kept beside it
    as ``NAME.partial.SUFFIX``, or ``NAME.partial.jsonl`` if the format needs all frames, and the
    error gets a note that says so. If no frame was written before the error, nothing is kept.

    If one of several files fails, the others continue. Its error is raised when they are complete.

    A sink that is never closed, or left by ``sys.exit`` or by a generator that is not finished,
    keeps its frames in the same way, with a ResourceWarning.
    """

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add the result of one frame.

        Parameters
        ----------
        result : PoseResult
        frame : Frame, optional
            The frame itself, which images and videos need.

        Raises
        ------
        ValueError
            If the format needs the frame and none is given, or the sink is closed.
        SinkError
            If the file can't be written; it says where the frames so far are kept.
        """
        ...

    def close(self) -> None:
        """Complete the file and give it its name; SinkError if that fails."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Writer(Protocol):
    """One file format: puts results into a file that exists and is empty.

    If the file can't be written, it raises an `OSError` or a `SinkError`.
    """

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add one frame."""
        ...

    def finish(self) -> None:
        """Complete the file and close it."""
        ...

    def salvage(self) -> str:
        """Close the file after a failure; return the suffix of the format that it now has."""
        ...


class FileSink:
    """A sink that is one file: written under a temporary name beside it, moved when complete.

    Parameters
    ----------
    path : Path
        The final name; its folder must exist.
    open_writer : callable
        Makes the `Writer` of the format for the temporary path.
    provenance : Provenance, optional
        Content of the file beside it, if the format has one: see `sidecar_of`. It is completed by
        that of the first result. Without any, such a file of an earlier output is removed.

    Raises
    ------
    SinkError
        If the file can't be created there.
    """

    def __init__(
        self,
        path: Path,
        open_writer: Callable[[Path], Writer],
        *,
        provenance: Provenance | None = None,
    ) -> None:
        self._is_open = self._has_frames = False
        self._path = path.resolve() if path.is_symlink() else path
        self._provenance = provenance
        self._draft = new_draft(self._path)
        try:
            self._writer = open_writer(self._draft.path)
        except BaseException as error:
            self._draft.discard()
            if isinstance(error, OSError):
                raise SinkError(f"can't write {str(path)!r}: {_cause(error)}") from error
            raise
        self._is_open = True
        _OPEN_SINKS.add(self)
        renew_when_forked(self)
        leak_when_forked(self)  # freeing it would write what is in its buffers a second time

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add the result of one frame, as in `Sink.write`."""
        if not self._is_open:
            raise ValueError(f"the sink of {str(self._path)!r} is closed")
        try:
            self._writer.append(result, frame)
        except (OSError, SinkError) as error:
            raise self._failure(error) from error
        if not self._has_frames:
            self._provenance = completed(self._provenance, result.provenance)
        self._has_frames = True

    def close(self) -> None:
        """Complete the file and move it to its name; a second call does nothing."""
        if not self._is_open:
            return
        try:
            self._writer.finish()
            written = self._publish()
        except (OSError, SinkError) as error:
            raise self._failure(error) from error
        except BaseException as error:
            error.add_note(f"{str(self._path)!r}: {self._salvage()}")
            raise
        self._is_open = False
        self._draft.close()
        for path in written:
            self._write_sidecar(path)

    def _publish(self) -> list[Path]:
        """Give the complete file its name; return the names of all files."""
        self._remove_sidecar(self._path)
        self._draft.move_to(self._path)
        return [self._path]

    def _remove_sidecar(self, path: Path) -> None:
        """Remove the sidecar of the file that is about to be replaced."""
        old_sidecar = sidecar_of(path)
        if old_sidecar is not None and old_sidecar.is_file():
            old_sidecar.unlink()

    def _write_sidecar(self, path: Path) -> None:
        """Write the file beside a complete file, under its own name when it is complete, too."""
        sidecar = sidecar_of(path)
        if sidecar is None:
            return
        try:
            if self._provenance is None:
                sidecar.unlink(missing_ok=True)
                return
            heading = compact_json(file_heading(self._provenance)) + b"\n"
            draft = new_draft(sidecar)
            try:
                RecordFile(draft.path, header=heading).close()
                draft.move_to(sidecar)
            finally:
                draft.discard()
        except (OSError, SinkError) as error:
            problem = f"can't write {str(sidecar)!r}: "
            cause = _cause(error).removeprefix(problem)
            raise SinkError(f"{problem}{cause}; {str(path)!r} is complete") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or (isinstance(error, KeyboardInterrupt) and self._has_frames):
            self.close()
        elif self._is_open:
            fate = self._salvage()
            if self._has_frames and isinstance(error, SystemExit | GeneratorExit):
                self._warn("was left before its end", fate)  # their notes are never shown
            elif self._has_frames:
                error.add_note(f"{str(self._path)!r}: {fate}")

    def __del__(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        """Keep the frames so far and warn, if the sink is still open."""
        if self._is_open:
            self._warn("was never closed", self._salvage())

    def after_fork(self) -> None:
        """Leave the file to the parent; in this process, the sink is closed."""
        self._is_open = False

    def _warn(self, problem: str, fate: str) -> None:
        message = f"the sink of {str(self._path)!r} {problem}: {fate}"
        if self._has_frames:  # Python hides a ResourceWarning by default
            logger.warning(message)
        warnings.warn(message, ResourceWarning, stacklevel=2, source=self)

    def _failure(self, error: Exception) -> SinkError:
        cause = _cause(error).removeprefix(f"can't write {str(self._draft.path)!r}: ")
        return SinkError(f"can't write {str(self._path)!r}: {cause}; {self._salvage()}")

    def _salvage(self) -> str:
        """Keep the frames so far under another name; return a message that says which."""
        self._is_open = False
        suffix = None
        with suppress(OSError, SinkError):
            suffix = self._writer.salvage()
        if suffix is None or not self._has_frames:
            self._draft.discard()
            return "nothing of it is kept"
        kept = self._path.with_name(f"{stem_of(self._path)}.partial{suffix}")
        try:
            self._draft.move_to(kept)
        except OSError:
            kept = self._draft.path
        with suppress(SinkError):
            self._write_sidecar(kept)
        self._draft.close()
        return f"what was written so far is kept in {str(kept)!r}"


@atexit.register
def _abandon_all() -> None:
    """Salvage the sinks that are open at the end of the program."""
    for sink in list(_OPEN_SINKS):
        sink.abandon()


class SinkGroup:
    """Several sinks as one; if one fails, the others go on and are completed.

    The errors are raised when the group is closed, or at once when no sink is left.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = list(sinks)
        self._errors: list[Exception] = []
        self._is_open = True

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add the result of one frame to every sink that has not failed."""
        if not self._is_open:
            raise ValueError("the sinks are closed")
        for sink in tuple(self._sinks):
            try:
                sink.write(result, frame)
            except Exception as error:  # noqa: BLE001 - raised when the group is closed
                self._drop(sink, error)
        if not self._sinks:
            self._raise_errors()

    def _drop(self, sink: Sink, error: Exception) -> None:
        """Keep what a failed sink has written so far, and give it no more results."""
        self._sinks.remove(sink)
        self._errors.append(error)
        with suppress(Exception):
            sink.__exit__(type(error), error, error.__traceback__)

    def close(self) -> None:
        """Complete every file, then raise the errors."""
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        with ExitStack() as stack:
            for sink in reversed(self._sinks):
                stack.callback(self._leave, sink, kind, error, trace)
        if error is None or isinstance(error, KeyboardInterrupt):
            self._raise_errors()
            return
        for failure in self._errors:
            error.add_note(_message(failure).removeprefix("can't write "))
        self._errors.clear()

    def _leave(self, sink: Sink, *error: Any) -> None:
        try:
            sink.__exit__(*error)
        except Exception as failure:  # noqa: BLE001 - raised when all sinks are closed
            self._sinks.remove(sink)
            self._errors.append(failure)

    def _raise_errors(self) -> None:
        errors, self._errors = self._errors, []
        if len(errors) == 1 and not self._sinks:
            raise errors[0]
        if errors:
            others = ["the other outputs are complete"] if self._sinks else []
            raise SinkError("; ".join([*map(_message, errors), *others])) from errors[0]


def new_draft(path: Path) -> Draft:
    """Return a draft of `path`.

    Raises
    ------
    SinkError
        If no file called `path` can be made or replaced.
    """
    problem = f"can't write {str(path)!r}"
    try:
        if not path.parent.is_dir():
            raise SinkError(f"{problem}: there is no folder {str(path.parent)!r}")
        if path.exists() and not path.is_file():
            raise SinkError(f"{problem}: it exists and is not a file")
        return Draft(path)
    except OSError as error:
        raise SinkError(f"{problem}: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _message(error: Exception) -> str:
    """Return the message of an error of any kind with its notes."""
    is_expected = isinstance(error, OSError | SinkError | TypeError | ValueError)
    message = str(error) if is_expected else f"{type(error).__name__}: {error}"
    return "; ".join([message, *getattr(error, "__notes__", ())])
