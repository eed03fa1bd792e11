"""Results as a recording of Rerun: picture, skeletons in 3D, visibility and joint angles over time.

Needs the package `rerun-sdk`.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image

from vitruvian.analysis.angles import angle_names, joint_angles
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.palette import COLOR_OF_SIDE, person_color
from vitruvian.draw.style import Style
from vitruvian.errors import BackendUnavailableError, SinkError, VitruvianError
from vitruvian.media import open_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.sequence import PersonSequence

__all__ = ["save_recording", "view_recording"]

SHOWN_ANGLES = ("left_knee", "right_knee", "left_elbow", "right_elbow")
SHOWN_VISIBILITY = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
SPACING_M = 1.2  # between people whose place is not known
RADII_PX, RADII_M = (3.0, 1.5), (0.016, 0.008)  # of visible and of hidden landmarks
JPEG_QUALITY = 80
# Rerun's viewer sends no usage data where `CI` is set: crates/utils/re_analytics, pipeline.rs.
NO_TELEMETRY = {"CI": "1", "TELEMETRY_ENABLED": "false"}
FORCES_TELEMETRY = "FORCE_RERUN_ANALYTICS"


def save_recording(
    results: Sequence[PoseResult], path: Path, *, video: str | Path | None = None, name: str = ""
) -> None:
    """Write results to a file of Rerun.

    Parameters
    ----------
    results : sequence of PoseResult
    path : Path
        The ``.rrd`` file, replaced if it exists.
    video : str or path, optional
        The video that the results are of.
    name : str
        Name of the recording in the viewer.

    Raises
    ------
    BackendUnavailableError
        If `rerun-sdk` is not installed.
    SinkError
        If the file can't be written.
    SourceError
        If the video can't be read.
    """
    with _without_telemetry():
        rr = _rerun()
        sequence = _with_ids(PoseSequence.from_results(results))
        recording = rr.RecordingStream("vitruvian")
        try:
            recording.save(str(path), default_blueprint=_blueprint(sequence))
        except RuntimeError as err:
            raise SinkError(f"{str(path)!r} can't be written: {err}") from err
        try:
            if name:
                recording.send_recording_name(name)
            recording.log("/", _annotations(rr, sequence), static=True)
            recording.log("world", rr.ViewCoordinates.RDF, static=True)
            if video is not None:
                _log_video(rr, recording, results, video)
            for place, number in enumerate(sequence.ids.tolist()):
                _PersonLog(recording, sequence.person(number), place).write()
        finally:
            recording.flush()
            recording.disconnect()


def view_recording(
    results: Sequence[PoseResult], *, video: str | Path | None = None, name: str = ""
) -> None:
    """Show results in the viewer of Rerun, until it is closed.

    The parameters and errors are those of `save_recording`.

    Raises
    ------
    VitruvianError
        If the viewer can't be started.
    """
    with tempfile.TemporaryDirectory() as folder, _without_telemetry():
        path = Path(folder) / "poses.rrd"
        save_recording(results, path, video=video, name=name)
        command = [sys.executable, "-m", "rerun", "--new", "--hide-welcome-screen", str(path)]
        done = subprocess.run(command, check=False)
    if done.returncode:
        raise VitruvianError(
            f"the viewer of Rerun ended with code {done.returncode}: without a display, write a "
            "file with --save"
        )


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Set the environment so that neither Rerun nor its viewer sends usage data."""
    before = {name: os.environ.get(name) for name in (*NO_TELEMETRY, FORCES_TELEMETRY)}
    os.environ.update(NO_TELEMETRY)
    os.environ.pop(FORCES_TELEMETRY, None)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _rerun() -> ModuleType:
    try:
        import rerun
        import rerun.blueprint
    except ImportError as err:
        raise BackendUnavailableError(
            "rerun-sdk is not installed: pip install 'vitruvian[rerun]'"
        ) from err
    return rerun


def _with_ids(sequence: PoseSequence) -> PoseSequence:
    """Return a sequence in which poses without an ID have the number of their slot."""
    unknown = sequence.is_present & np.isnan(sequence.slot_ids)
    if not unknown.any():
        return sequence
    first = int(sequence.ids.max(initial=-1)) + 1
    slots = np.broadcast_to(np.arange(unknown.shape[1]) + first, unknown.shape)
    return replace(sequence, slot_ids=np.where(unknown, slots, sequence.slot_ids))


def _annotations(rr: ModuleType, sequence: PoseSequence) -> Any:
    """Return names, colours and connections of the landmarks; classes are places of people."""
    landmarks = [
        rr.AnnotationInfo(id=i, label=name, color=COLOR_OF_SIDE[side])
        for i, (name, side) in enumerate(zip(BLAZEPOSE.names, BLAZEPOSE.sides, strict=True))
    ]
    return rr.AnnotationContext(
        [
            rr.ClassDescription(
                info=rr.AnnotationInfo(
                    id=place, label=f"person {number}", color=person_color(number)
                ),
                keypoint_annotations=landmarks,
                keypoint_connections=BLAZEPOSE.connections,
            )
            for place, number in enumerate(sequence.ids.tolist())
        ]
    )


class _PersonLog:
    """Logs one person; nothing is shown in frames without the person."""

    def __init__(self, recording: Any, person: PersonSequence, place: int) -> None:
        self._rr = _rerun()
        self._recording = recording
        self._person = person
        self._place = place

    def write(self) -> None:
        """Log landmarks, visibility and angles."""
        person, rr = self._person, self._rr
        is_hidden = ~(person.visibility[person.is_present] >= Style().min_visibility)
        in_px = -np.where(is_hidden, *RADII_PX[::-1])  # negative: in px of the screen
        self._points("image", rr.Points2D, person.landmarks[..., :2], in_px)
        self._points("world", rr.Points3D, self._places(), np.where(is_hidden, *RADII_M[::-1]))
        angles = joint_angles(person)
        self._series("angles", {name: angles[name] for name in angle_names()})
        visibility = person.visibility.T
        self._series("visibility", dict(zip(BLAZEPOSE.names, visibility, strict=True)))

    def _places(self) -> NDArray[np.float32]:
        """Return the landmarks in metres: from the camera, else side by side."""
        person = self._person
        world = person.world + np.array([SPACING_M * self._place, 0, 0], np.float32)
        if person.camera is None:
            return world
        is_unknown = np.isnan(person.camera).all(axis=(1, 2), keepdims=True)
        return np.where(is_unknown, world, person.camera)

    def _points(
        self,
        root: str,
        archetype: Any,
        positions: NDArray[np.float32],
        radii: NDArray[np.float64],
    ) -> None:
        person, entity = self._person, f"{root}/person_{self._person.id}"
        present = person.is_present
        n, n_landmarks = int(present.sum()), len(BLAZEPOSE)
        columns = archetype.columns(
            positions=positions[present].reshape(n * n_landmarks, -1),
            radii=radii.ravel().astype(np.float32),
            keypoint_ids=np.tile(np.arange(n_landmarks, dtype=np.uint16), n),
            class_ids=np.full(n * n_landmarks, self._place, np.uint16),
        )
        self._send(entity, present, columns.partition([n_landmarks] * n))
        leaves = np.zeros(len(person), bool)
        leaves[1:] = present[:-1] & ~present[1:]
        if leaves.any():  # else the viewer keeps showing the last landmarks
            is_recursive = np.zeros(int(leaves.sum()), bool)
            self._send(entity, leaves, self._rr.Clear.columns(is_recursive=is_recursive))

    def _series(self, root: str, series: dict[str, NDArray[Any]]) -> None:
        number, rr = self._person.id, self._rr
        for name, values in series.items():
            known = np.isfinite(values)
            if known.any():
                entity = f"{root}/person_{number}/{name}"
                label = f"{number}: {name.replace('_', ' ')}"
                self._recording.log(entity, rr.SeriesLines(names=label), static=True)
                self._send(entity, known, rr.Scalars.columns(scalars=values[known]))

    def _send(self, entity: str, frames: NDArray[np.bool_], columns: Any) -> None:
        times_s = self._person.timestamps_us[frames] / 1e6
        indexes = self._person.frame_indices[frames]
        times = [
            self._rr.TimeColumn("time", duration=times_s),
            self._rr.TimeColumn("frame", sequence=indexes),
        ]
        self._recording.send_columns(entity, times, columns)


def _log_video(
    rr: ModuleType, recording: Any, results: Sequence[PoseResult], video: str | Path
) -> None:
    """Log the video file itself if the viewer plays it as it is, else every frame as a JPEG."""
    if _is_plain_mp4(video):
        asset = rr.AssetVideo(path=str(video))
        times_ns = asset.read_frame_timestamps_nanos()
        shown = [result for result in results if result.frame_index < len(times_ns)]
        recording.log("image", asset, static=True)
        recording.send_columns(
            "image",
            [
                rr.TimeColumn("time", duration=[r.timestamp_us / 1e6 for r in shown]),
                rr.TimeColumn("frame", sequence=[r.frame_index for r in shown]),
            ],
            rr.VideoFrameReference.columns_nanos(times_ns[[r.frame_index for r in shown]]),
        )
        return
    by_index = {result.frame_index: result for result in results}
    with open_input(video if isinstance(video, Path) else Path(video)) as frames:
        for frame in frames:
            if frame.index in by_index:
                jpeg = io.BytesIO()
                Image.fromarray(frame.image).save(jpeg, "JPEG", quality=JPEG_QUALITY)
                recording.set_time("time", duration=by_index[frame.index].timestamp_us / 1e6)
                recording.set_time("frame", sequence=frame.index)
                image = rr.EncodedImage(contents=jpeg.getvalue(), media_type="image/jpeg")
                recording.log("image", image)
    recording.reset_time()


def _is_plain_mp4(video: str | Path) -> bool:
    """Return whether a file is an MP4 in H.264 or AV1 whose pictures are stored upright."""
    try:
        with av.open(str(video)) as container:
            streams = container.streams.video
            if "mp4" not in container.format.name.split(",") or len(streams) != 1:
                return False
            if streams[0].codec_context.name not in ("h264", "libdav1d", "av1"):
                return False
            return next(container.decode(streams[0])).rotation % 360 == 0
    except (av.FFmpegError, StopIteration):
        return False


def _blueprint(sequence: PoseSequence) -> Any:
    """Return the layout: picture and angles at the left, 3D and visibility at the right."""
    import rerun.blueprint as rrb

    people = [f"person_{number}" for number in sequence.ids.tolist()]
    angles = [f"+ /angles/{person}/{name}" for person in people for name in SHOWN_ANGLES]
    shown = [f"+ /visibility/{person}/{name}" for person in people for name in SHOWN_VISIBILITY]
    return rrb.Blueprint(
        rrb.Horizontal(
            rrb.Vertical(
                rrb.Spatial2DView(origin="image", name="Image"),
                rrb.TimeSeriesView(origin="/", contents=angles, name="Joint angles, degrees"),
                row_shares=[3, 2],
            ),
            rrb.Vertical(
                rrb.Spatial3DView(origin="world", name="World, metres"),
                rrb.TimeSeriesView(origin="/", contents=shown, name="Visibility"),
                row_shares=[3, 2],
            ),
        ),
        rrb.TimePanel(timeline="time", state="collapsed"),
        collapse_panels=True,
    )
