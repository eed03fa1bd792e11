"""The provenance of an input: name, rate and size of a source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from vitruvian.media.address import is_url, without_credentials

if TYPE_CHECKING:
    from vitruvian.core.provenance import Provenance
    from vitruvian.media.source import Source

__all__ = ["with_source"]


def with_source(provenance: Provenance, source: Source | None) -> Provenance:
    """Return `provenance` with name, rate and size of `source`, where it has no source yet.

    The name is that of the file or folder, without the folders of this machine that contain it.
    """
    if source is None or provenance.source is not None:
        return provenance
    name = source.name
    name = without_credentials(name) if is_url(name) else PurePath(name).name or name
    return replace(provenance, source=name, fps=source.fps, wh=source.wh)
