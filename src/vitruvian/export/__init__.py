"""Results to files and back; the suffix chooses the format."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.core.provenance import Provenance
from vitruvian.core.sequence import PersonSequence, PoseSequence
from vitruvian.errors import SourceError
from vitruvian.export.formats import (
    DATA_SUFFIXES,
    FORMATS,
    MOTION_SUFFIXES,
    READABLE_SUFFIXES,
    SUFFIXES,
    Format,
    check_suffix,
    load_name,
    needs_frames,
)
from vitruvian.export.heading import read_sidecar, sidecar_of
from vitruvian.export.receivers import check_receiver, is_receiver, open_receiver
from vitruvian.export.recovery import recover_drafts
from vitruvian.export.series import newest_of_people
from vitruvian.export.sink import FileSink, Sink, SinkGroup
from vitruvian.export.suffix import suffix_of
from vitruvian.media.provenance import with_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from vitruvian.core.pose import PoseResult
    from vitruvian.draw.style import Style
    from vitruvian.export.motion import MotionOptions
    from vitruvian.media.source import Source

__all__ = [
    "MOTION_SUFFIXES",
    "SUFFIXES",
    "Sink",
    "SinkOptions",
    "check_suffix",
    "iter_results",
    "load_provenance",
    "load_results",
    "needs_frames",
    "open_output",
    "save_results",
]


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """Options of a writer.

    Attributes
    ----------
    path : Path
        Final name of the file.
    source : Source or None
        Source of the frames: a video takes its frame rate and its sound.
    style : Style or None
        How poses are drawn on images; None for the default.
    threads : int or None
        Processor threads that encode a video; None for as many as suit the machine.
    provenance : Provenance or None
        How the results are made.
    coco_images : Path or None
        COCO file with the IDs of the images; None for the numbers of the frames.
    motion : MotionOptions or None
        How one person's motion is exported; None for the default.
    """

    path: Path
    source: Source | None = None
    style: Style | None = None
    threads: int | None = None
    provenance: Provenance | None = None
    coco_images: Path | None = None
    motion: MotionOptions | None = None

    @property
    def suffix(self) -> str:
        """Suffix of the path in lower case; it chooses the format."""
        return suffix_of(self.path)


def open_output(
    *paths: str | PathLike[str],
    source: Source | None = None,
    style: Style | None = None,
    threads: int | None = None,
    provenance: Provenance | None = None,
    coco_images: str | PathLike[str] | None = None,
    motion: MotionOptions | None = None,
) -> Sink:
    """Return a sink that writes every result to all of `paths`, each in the format of its suffix.

    | Suffix | Content |
    |---|---|
    | ``.jsonl`` | one object for each frame, `PoseResult.to_dict` without extras |
    | ``.json`` | one document of these objects, with the skeleton |
    | ``.csv`` | a table, one row for each person of each frame |
    | ``.parquet`` | such a table with lists of landmarks; as ``.wide.parquet`` that of the CSV |
    | ``.npz`` | the arrays of `PoseSequence` |
    | ``.mp4``, ``.mov``, ``.mkv`` | the frames with the poses drawn, H.264, with sound |
    | ``.png``, ``.jpg``, ``.jpeg`` | one frame with its poses; as ``{frame:06d}.png`` each frame |
    | ``.coco.json`` | a list of COCO results; as ``.annotations.coco.json`` a COCO keypoint file |
    | ``{frame:012d}_keypoints.json`` | OpenPose, one file for each frame, in BODY_25; \
        ``.coco_keypoints.json`` has 18 landmarks, ``.blazepose_keypoints.json`` all 33 |
    | ``.nc``, ``.world.nc`` | NetCDF for xarray and movement, in px or in m |
    | ``.dlc.csv`` | DeepLabCut's table of several individuals |
    | ``.trc`` | one person's markers in m, as text for OpenSim |
    | ``.c3d`` | the same markers in mm, in the format of motion capture (extra ``c3d``) |
    | ``.mot`` | one person's joint angles in degrees, as text for OpenSim |
    | ``.glb`` | one person as an animated figure, for Blender, three.js, game engines |
    | ``.vrma`` | the same without the figure: a VRM animation |
    | ``.bvh`` | the same as a skeleton in text |
    | ``vmc://HOST:PORT`` | the pose of one person, sent to a program with an avatar (VMC) |

    The first five keep every number exactly; `load_results` reads them. All keep the provenance:
    ``.csv`` and ``.jsonl`` in a file beside them, ``walk.csv.meta.json``; videos and images in
    their comment. Those from ``.trc`` on hold one person, smoothed, at a constant frame rate: see
    `MotionOptions`. With ``{id}`` in the name, one file is written for each person.

    What a killed process has left in the folders of the files is kept as for `Sink`, or removed.

    Parameters
    ----------
    *paths : str or path
        Files in folders that exist. An existing file is replaced when the new one is complete.
        An address must be a string.
    source : Source, optional
        Source of the frames: a video takes its frame rate, and its sound if it is a video too.
        Its name, rate and size go into the provenance.
    style : Style, optional
        What images and videos show.
    threads : int, optional
        Processor threads that encode a video; by default as many as suit the machine.
    provenance : Provenance, optional
        How the results are made; by default that of the first result (`PoseResult.provenance`).
    coco_images : str or path, optional
        COCO file that lists the images of `source`: the files of COCO take the IDs of the images
        from it, by the names of the files. By default the ID is the number of the frame.
    motion : MotionOptions, optional
        How formats of one person, from ``.trc`` on in the table, are written.

    Returns
    -------
    Sink
        A context manager; see `Sink` for what is kept after an error.

    Raises
    ------
    ValueError
        If there is no path, one is given twice or is that of the provenance of another, or its
        suffix is none of these; if `threads` is not positive; or if `coco_images` is given without
        images as the source.
    SinkError
        If a file can't be created.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    if source is not None:
        provenance = with_source(provenance or Provenance(), source)
    images = None if coco_images is None else Path(coco_images)
    addresses = [str(path) for path in paths if is_receiver(path)]
    options = [
        SinkOptions(Path(path), source, style, threads, provenance, images, motion)
        for path in paths
        if not is_receiver(path)
    ]
    for option in options:
        check_suffix(option.path)
    files = {option.path.resolve() for option in options}
    if not paths or len(files) + len(set(addresses)) < len(paths):
        raise ValueError(f"the paths must be different, at least one, got {list(map(str, paths))}")
    for address in addresses:
        check_receiver(address)
    for path in files:
        if sidecar_of(path) in files:
            raise ValueError(f"{sidecar_of(path)} is written beside {path}: give it another name")
    for folder in {path.parent for path in files}:
        recover_drafts(folder)
    with ExitStack() as opened:
        sinks = [opened.enter_context(_open_one(option)) for option in options]
        receiver = SinkOptions(Path(), source, style, threads, provenance, motion=motion)
        sinks += [opened.enter_context(open_receiver(a, receiver)) for a in addresses]
        opened.pop_all()
    return sinks[0] if len(sinks) == 1 else SinkGroup(sinks)


def save_results(
    results: Iterable[PoseResult] | PoseSequence | PersonSequence,
    path: str | PathLike[str],
    *,
    provenance: Provenance | None = None,
    motion: MotionOptions | None = None,
) -> None:
    """Write results to a file.

    Parameters
    ----------
    results : iterable of PoseResult, PoseSequence or PersonSequence
    path : str or path
        Its suffix chooses the format: that of any output of `open_output` that needs no frames.
        `load_results` reads ``.jsonl .json .csv .parquet .npz``.
    provenance : Provenance, optional
        How the results were made; by default that of the first result. A sequence has none.
    motion : MotionOptions, optional
        How formats of one person are written, as for `open_output`.

    Raises
    ------
    ValueError
        If the suffix is none of these.
    SinkError
        If the file can't be written.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    check_suffix(Path(path), DATA_SUFFIXES)
    if isinstance(results, PoseSequence | PersonSequence):
        results = results.to_results()
    with open_output(path, provenance=provenance, motion=motion) as sink:
        for result in results:
            sink.write(result)


def load_results(path: str | PathLike[str]) -> list[PoseResult]:
    """Return the results in a file, exactly as they were written, without masks and detections.

    Rows of a table and lines of JSON may have been filtered or sorted. The results are in the order
    of `frame_index`, unless numbers are repeated; a frame of which all rows were removed is absent.

    Parameters
    ----------
    path : str or path
        A ``.jsonl``, ``.json``, ``.csv``, ``.parquet`` or ``.npz`` file.

    Raises
    ------
    ValueError
        If the suffix is not that of a format that can be read.
    SourceError
        If there is no such file, or it does not hold poses.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    path, format_ = _readable(path)
    load = load_name(format_, str(format_.loader or format_.reader))
    provenance = load_provenance(path)
    with _reading(path):
        results = [replace(result, provenance=provenance) for result in load(path)]
    if len({result.frame_index for result in results}) == len(results):
        results.sort(key=lambda result: result.frame_index)
    return results


def iter_results(path: str | PathLike[str]) -> Iterator[PoseResult]:
    """Yield the results in a file one by one, as `load_results` returns them.

    ``.jsonl``, ``.csv`` and ``.parquet`` are read while you iterate, in little memory; ``.json``
    and ``.npz`` are read whole first. The rows of a table must be in the order of `frame_index`;
    otherwise a SourceError is raised at the first row that is not.

    Parameters
    ----------
    path : str or path
        As for `load_results`.

    Raises
    ------
    ValueError, SourceError, BackendUnavailableError
        As `load_results`; a SourceError comes while you iterate.
    """
    path, format_ = _readable(path)
    read = load_name(format_, str(format_.reader))

    def results() -> Iterator[PoseResult]:
        provenance = load_provenance(path)
        with _reading(path):
            for result in read(path):
                yield replace(result, provenance=provenance)

    return results()


def load_provenance(path: str | PathLike[str]) -> Provenance | None:
    """Return how the results in a file were made; None if the file has no provenance.

    Parameters
    ----------
    path : str or path
        Any file that `open_output` writes. For a series of images, the pattern that names them;
        None if the series was not completed, or an image is missing. With ``{id}`` in the name, the
        newest file of a person.

    Raises
    ------
    ValueError, SourceError, BackendUnavailableError
        As `load_results`.
    """
    path = Path(path)
    check_suffix(path)
    path = newest_of_people(path) or path
    format_ = FORMATS[suffix_of(path)]
    read = load_name(format_, format_.provenance) if format_.provenance else read_sidecar
    with _reading(path):
        provenance: Provenance | None = read(path)
        return provenance


def _readable(path: str | PathLike[str]) -> tuple[Path, Format]:
    path = Path(path)
    check_suffix(path, READABLE_SUFFIXES)
    return path, FORMATS[suffix_of(path)]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"can't read {str(path)!r}: {error.strerror or error}") from error
    except KeyError as error:
        raise SourceError(f"can't read poses from {str(path)!r}: {error} is missing") from error
    except MemoryError as error:
        raise SourceError(f"can't read {str(path)!r}: it needs too much memory") from error
    except (ValueError, TypeError, RecursionError) as error:
        reason = getattr(error, "strerror", error)  # of FFmpeg, whose text repeats the path
        raise SourceError(f"can't read poses from {str(path)!r}: {reason}") from error


def _open_one(options: SinkOptions) -> Sink:
    format_ = FORMATS[options.suffix]
    if format_.series and "{" in options.path.name:
        sink: Sink = load_name(format_, format_.series)(options)
        return sink
    writer = load_name(format_, format_.writer)
    if format_.is_motion:
        from vitruvian.export.motion_file import open_motion_sink

        return open_motion_sink(options, writer)
    writer = partial(writer, options=options)
    return FileSink(options.path, writer, provenance=options.provenance)
