"""What `vitruvian analyse` does with one input: track or read it, measure, write, print."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.analysis.angles import angle_names, joint_angles
from vitruvian.analysis.clip import SMOOTH_HZ, is_clip, prepared, seen_long
from vitruvian.analysis.exercises import exercise_named
from vitruvian.analysis.summary import person_summary
from vitruvian.cli.analysis_table import summary_lines
from vitruvian.cli.lines import print_line
from vitruvian.core.sequence import PoseSequence
from vitruvian.draft import replace_file
from vitruvian.export import load_results
from vitruvian.export.angle_table import angle_csv, step_csv
from vitruvian.runs.messages import assumed_focal_line
from vitruvian.runs.names import check_fields, filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitruvian.analysis.classes import PoseClassifier
    from vitruvian.analysis.summary import PersonSummary
    from vitruvian.core.camera import Camera
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.sequence import PersonSequence
    from vitruvian.lift.camera_options import CameraOptions

__all__ = ["Outputs", "Request", "analyse_input", "checked", "classifier_of"]

_RESULTS = (".csv", ".json", ".jsonl", ".npz", ".parquet")
_SUFFIXES = {
    "angles": (".csv",),
    "gait": (".csv",),
    "report": (".html", ".htm"),
    "path": (".png", ".svg"),
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Files that are written; None for none."""

    angles: Path | None = None
    gait: Path | None = None
    report: Path | None = None
    path: Path | None = None

    def given(self) -> dict[str, Path]:
        """Return those that are not None, by name."""
        paths = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: path for name, path in paths.items() if path is not None}

    def filled(self, input_: str) -> Outputs:
        """Return the outputs of an input, with its name for ``{name}``."""
        return Outputs(**{name: filled(path, input_) for name, path in self.given().items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for."""

    outputs: Outputs
    angle_set: Any = "sports2d"
    exercises: tuple[str, ...] = ()
    classifier: PoseClassifier | None = None
    count: tuple[str, ...] = ()
    person: int | None = None
    smooth_hz: float = SMOOTH_HZ
    camera: CameraOptions | None = None
    limit: int | None = None
    engine: Mapping[str, Any] = field(default_factory=dict)


def classifier_of(samples: Path | None) -> PoseClassifier | None:
    """Return the classifier with the samples of a file or folder, or None."""
    if samples is None:
        return None
    from vitruvian.analysis.classes import PoseClassifier

    if not samples.exists():
        raise ValueError(f"--classes needs a file of samples, there is no {str(samples)!r}")
    return PoseClassifier(samples)


def checked(request: Request, inputs: Sequence[str]) -> Request:
    """Return the request; raise ValueError for what is wrong whatever the inputs hold."""
    angle_names(request.angle_set)
    for exercise in request.exercises:
        exercise_named(exercise)
    classifier = request.classifier
    if request.count and classifier is None:
        raise ValueError("--count needs --classes, the file of samples")
    for label in request.count:
        if classifier is not None and label not in classifier.classes:
            known = list(classifier.classes)
            raise ValueError(f"--count must be one of the classes {known}, got {label!r}")
    for name, path in request.outputs.given().items():
        check_fields(path)
        if path.suffix.lower() not in _SUFFIXES[name]:
            raise ValueError(f"{path.name!r} must end with {' or '.join(_SUFFIXES[name])}")
    _check_files(request.outputs, inputs)
    return request


def _check_files(outputs: Outputs, inputs: Sequence[str]) -> None:
    """Raise ValueError for a file that can't be written, or would be written twice or over."""
    read = {os.path.realpath(input_) for input_ in inputs}
    written: dict[str, tuple[str, str]] = {}
    for input_ in inputs:
        for name, path in outputs.filled(input_).given().items():
            if not path.parent.is_dir():
                folder = str(path.parent)
                raise ValueError(f"can't write {str(path)!r}: there is no folder {folder!r}")
            file = os.path.realpath(path)
            if file in read:
                raise ValueError(f"{str(path)!r} would replace the input")
            other_input, other = written.setdefault(file, (input_, name))
            if other_input != input_:
                given = str(outputs.given()[name])
                raise ValueError(
                    f"several inputs need {{name}} or {{folder}} in the output, got {given!r}"
                )
            if other != name:
                raise ValueError(f"{str(path)!r} can't be the file of {other} and of {name}")


def analyse_input(input_: str, request: Request, *, quiet: bool) -> None:
    """Track or read one input, write the outputs, and print a table."""
    is_results = Path(input_).suffix.lower() in _RESULTS
    focal_35mm = None
    if is_results:
        results = load_results(input_)
    else:
        results, focal_35mm = _tracked(input_, request, quiet=quiet)
    sequence = PoseSequence.from_results(results)
    if not is_clip(sequence):
        _analyse_images(input_, sequence, request, quiet=quiet)
        return
    sequence, camera = prepared(
        sequence, request.camera, smooth_hz=request.smooth_hz, focal_35mm=focal_35mm
    )
    if (
        camera is not None
        and camera.is_assumed
        and {"gait", "path"} & request.outputs.given().keys()
    ):
        logger.warning("%s: %s", Path(input_).name, assumed_focal_line(camera.focal_px))
    people = [sequence.person(i) for i in _ids(sequence, request.person)]
    classifier = request.classifier
    counted = request.count or (() if classifier is None else classifier.classes)
    summaries = [
        person_summary(
            person,
            exercises=request.exercises,
            with_gait=request.outputs.gait is not None,
            classifier=classifier,
            classes=counted,
        )
        for person in people
    ]
    written = request.outputs.given()
    _write_tables(summaries, request)
    if request.outputs.path is not None and not _write_path(request.outputs.path, people, camera):
        del written["path"]
    if request.outputs.report is not None:
        from vitruvian.report import clip_facts

        provenance = results[0].provenance if results else None
        facts = clip_facts(sequence, provenance, smooth_hz=request.smooth_hz, camera=camera)
        _write_report(input_, request.outputs.report, seen_long(summaries), results, facts)
    if not quiet:
        for line in summary_lines(input_, sequence, seen_long(summaries)):
            print_line(line)
        for path in written.values():
            print_line(f"wrote {path}")


def _tracked(
    input_: str, request: Request, *, quiet: bool
) -> tuple[list[PoseResult], float | None]:
    """Return the results of a video, without the filters that look at the past only.

    The second value is the focal length in the metadata of the video.
    """
    from itertools import islice

    from vitruvian.cli.progress import fetch_models, image_progress
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.media import open_input
    from vitruvian.media.image_kind import names_images
    from vitruvian.track.tracker import PoseTracker

    engine = dict(request.engine)
    fetch_models(engine["model"], engine["models_dir"])
    for_images = names_images(input_)
    if for_images:
        known = {f.name for f in fields(EstimatorOptions)}
        engine = {name: value for name, value in engine.items() if name in known}
        finder: Any = PoseEstimator(**engine)
    else:
        finder = PoseTracker(**engine, smoothing=0.0)
    with finder, open_input(input_) as frames:
        n_frames = request.limit or frames.n_frames
        with image_progress(n_frames, hidden=quiet, label="frames") as advance:
            results, focal_35mm = [], None
            for frame in islice(frames, request.limit):
                results.append(finder.detect(frame) if for_images else finder.update(frame))
                focal_35mm = frame.focal_35mm
                advance()
    return results, focal_35mm


def _analyse_images(input_: str, sequence: PoseSequence, request: Request, *, quiet: bool) -> None:
    """Write the angles of poses that have no time; all else needs a video."""
    given = request.outputs.given()
    if request.exercises or request.classifier or given.keys() - {"angles"}:
        raise ValueError(
            f"repetitions, gait, classes and reports need a video, {input_!r} has images"
        )
    slots = np.arange(sequence.scores.shape[1], dtype=np.float64)
    numbered = replace(sequence, slot_ids=np.where(sequence.is_present, slots, np.nan))
    people = [numbered.person(i) for i in numbered.ids.tolist()]
    names = angle_names(request.angle_set)
    rows = [(p, joint_angles(p, angle_set=request.angle_set, space="world")) for p in people]
    if request.outputs.angles is not None:
        replace_file(request.outputs.angles, angle_csv(rows, names, with_ids=False).encode())
    if not quiet:
        images, poses = (
            _counted(len(sequence), "image"),
            _counted(int(sequence.is_present.sum()), "pose"),
        )
        print_line(f"{Path(input_).name}: {images}, {poses}")
        for path in given.values():
            print_line(f"wrote {path}")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _ids(sequence: PoseSequence, wanted: int | None) -> list[int]:
    ids: list[int] = sequence.ids.tolist()
    if wanted is None:
        return ids
    if wanted not in ids:
        raise ValueError(f"--person must be one of {ids}, got {wanted}")
    return [wanted]


def _write_tables(summaries: Sequence[PersonSummary], request: Request) -> None:
    outputs, names = request.outputs, angle_names(request.angle_set)
    if outputs.angles is not None:
        rows = [
            (s.person, s.angles)
            if request.angle_set == "sports2d"
            else (s.person, joint_angles(s.person, angle_set=request.angle_set))
            for s in summaries
        ]
        replace_file(outputs.angles, angle_csv(rows, names).encode())
    if outputs.gait is not None:
        gaits = [(s.person, s.gait) for s in summaries if s.gait is not None]
        replace_file(outputs.gait, step_csv(gaits).encode())


def _write_path(path: Path, people: Sequence[PersonSequence], camera: Camera | None) -> bool:
    """Return whether there is a path to draw."""
    if all(person.camera is None for person in people):
        logger.warning("no paths: no person in camera space")
        return False
    from vitruvian.draw.path import path_image, path_svg

    sequence = PoseSequence.from_people(people)
    if path.suffix.lower() == ".svg":
        replace_file(path, path_svg(sequence, camera).encode())
        return True
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(path_image(sequence, camera)).save(data, "PNG")
    replace_file(path, data.getvalue())
    return True


def _write_report(
    input_: str,
    path: Path,
    summaries: Sequence[PersonSummary],
    results: Sequence[PoseResult],
    facts: Mapping[str, str],
) -> None:
    from vitruvian.report import key_frames, key_times, report_html

    video = _video_of(input_, results)
    frames = {}
    if video is not None:
        frames = key_frames(video, [(s.person, key_times(s)) for s in summaries])
    page = report_html(Path(input_).name, summaries, facts=facts, frames=frames)
    replace_file(path, page.encode())


def _video_of(input_: str, results: Sequence[PoseResult]) -> Path | None:
    """Return the video that was analysed; for results the one beside them, if it is there."""
    path = Path(input_)
    if path.suffix.lower() in _RESULTS:
        provenance = results[0].provenance if results else None
        if provenance is None or provenance.source is None:
            return None
        path = path.parent / Path(provenance.source).name
    return path if path.is_file() else None
