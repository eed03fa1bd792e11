"""Sinks of the formats for one person: the frames are stored, and converted when all are there."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from vitruvian.core.sequence import PoseSequence
from vitruvian.errors import SinkError
from vitruvian.export.motion import MotionOptions, ids_of, motion_of
from vitruvian.export.series import ID_FIELD
from vitruvian.export.sink import FileSink, new_draft
from vitruvian.export.spool import SpooledWriter
from vitruvian.lift.camera_options import world_camera

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.draft import Draft
    from vitruvian.export import SinkOptions
    from vitruvian.export.motion import Motion

__all__ = ["WriteMotion", "open_motion_sink"]

logger = logging.getLogger(__name__)


class WriteMotion(Protocol):
    """The function of a format that writes one person's motion."""

    def __call__(
        self, motion: Motion, path: Path, *, final: Path, provenance: Provenance | None
    ) -> None:
        """Write a file.

        Parameters
        ----------
        motion : Motion
        path : Path
            An existing file; its content is replaced.
        final : Path
            Name that the file will get.
        provenance : Provenance or None
            How the results were made.

        Raises
        ------
        ValueError
            If the format can't hold this motion; it becomes a SinkError.
        """
        ...


def open_motion_sink(options: SinkOptions, write: WriteMotion) -> FileSink:
    """Return the sink of a file of one person, or with ``{id}`` in its name, of one for each."""
    if ID_FIELD in options.path.name:
        return _PeopleSink(options, write)

    def convert(
        results: Iterable[PoseResult], _: object, path: Path, provenance: Provenance | None
    ) -> None:
        _write_person(PoseSequence.from_results(results), path, provenance, options, write)

    writer = partial(
        SpooledWriter, final=options.path, convert=convert, provenance=options.provenance
    )
    return FileSink(options.path, writer, provenance=options.provenance)


def _write_person(
    sequence: PoseSequence,
    path: Path,
    provenance: Provenance | None,
    options: SinkOptions,
    write: WriteMotion,
) -> None:
    try:
        world = None if provenance is None else world_camera(provenance.camera)
        motion = motion_of(sequence, options.motion, world=world)
        write(motion, path, final=options.path, provenance=provenance)
    except ValueError as error:
        raise SinkError(str(error)) from error
    for note in motion.notes:
        logger.warning("%s: %s", options.path.name, note)


class _PeopleSink(FileSink):
    """One file for each person, with the ID in its name.

    No file gets its name before all are complete. Without people none is written.
    """

    def __init__(self, options: SinkOptions, write: WriteMotion) -> None:
        self._options = options
        self._write_motion = write
        self._written: list[Path] = []
        writer = partial(
            SpooledWriter,
            final=options.path,
            convert=self._convert,
            provenance=options.provenance,
        )
        super().__init__(options.path, writer, provenance=options.provenance)

    def _convert(
        self, results: Iterable[PoseResult], _: object, path: Path, provenance: Provenance | None
    ) -> None:
        sequence = PoseSequence.from_results(results)
        motion = self._options.motion or MotionOptions()
        people = [motion.person] if motion.person is not None else ids_of(sequence)
        drafts: list[Draft] = []
        try:
            for number in people:
                final = path.with_name(self._options.path.name.replace(ID_FIELD, str(number)))
                options = replace(self._options, path=final, motion=replace(motion, person=number))
                drafts.append(new_draft(final))
                _write_person(sequence, drafts[-1].path, provenance, options, self._write_motion)
            for draft in drafts:
                self._remove_sidecar(draft.final)
                draft.move_to(draft.final)
                self._written.append(draft.final)
        finally:
            for draft in drafts:
                draft.discard()
        if not people:
            logger.warning("%s: nobody was found, so no file was written", self._options.path.name)

    def _publish(self) -> list[Path]:
        self._draft.discard()
        return self._written
