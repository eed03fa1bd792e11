"""Recovery: what becomes of the files of processes that ended without closing their outputs."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from vitruvian.draft import abandoned_drafts
from vitruvian.errors import SourceError
from vitruvian.export.heading import LINE_SUFFIXES, sidecar_of
from vitruvian.export.suffix import suffix_of, with_suffix
from vitruvian.media.video import open_video

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.draft import Draft

__all__ = ["recover_drafts"]

logger = logging.getLogger(__name__)

BLOCK = 2**20  # bytes in which the first frame must begin
_FIRST_FRAME = {
    ".coco.json": rb'"image_id"',
    ".csv": rb"\n.+\n",
    ".json": rb'"frame_index"',
    ".jsonl": rb"\n",
}
_VIDEO_SUFFIXES = (".mkv", ".mov", ".mp4")


def recover_drafts(folder: Path) -> None:
    """Keep the frames of outputs in `folder` whose process was killed, as ``NAME.partial.SUFFIX``.

    Files without a whole frame are removed. Those of running processes and of other hosts stay.
    """
    for draft in abandoned_drafts(folder):
        with suppress(OSError):
            if _has_frames(draft):
                kept = with_suffix(draft.final, f".partial{suffix_of(draft.final)}")
                _cut_after_last_line(draft)
                draft.move_to(kept)
                old_sidecar = sidecar_of(kept)
                if old_sidecar is not None:
                    old_sidecar.unlink(missing_ok=True)
                logger.warning(
                    "the process that was writing %r has ended before its end: "
                    "what was written so far is kept in %r",
                    str(draft.final),
                    str(kept),
                )
            draft.discard()


def _has_frames(draft: Draft) -> bool:
    suffix = suffix_of(draft.final)
    if suffix in _VIDEO_SUFFIXES:
        try:
            open_video(draft.path).close()
        except SourceError:
            return False
        return True
    if suffix not in _FIRST_FRAME:
        return False
    with draft.path.open("rb") as file:
        return re.search(_FIRST_FRAME[suffix], file.read(BLOCK)) is not None


def _cut_after_last_line(draft: Draft) -> None:
    """Remove a line that was not written whole."""
    if suffix_of(draft.final) not in LINE_SUFFIXES:
        return
    with draft.path.open("r+b") as file:
        end = file.seek(0, 2)
        while end > 0:
            start = max(0, end - BLOCK)
            file.seek(start)
            last = file.read(end - start).rfind(b"\n")
            if last >= 0:
                file.truncate(start + last + 1)
                return
            end = start
