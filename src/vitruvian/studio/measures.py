"""HTTP of what is measured in the results of a job: repetitions, angles, a report.

The numbers are those of `vitruvian analyse` with the same results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vitruvian.analysis.angles import angle_names, joint_definitions
from vitruvian.analysis.clip import SMOOTH_HZ, is_clip, prepared, seen_long
from vitruvian.analysis.exercises import EXERCISES, exercise_named
from vitruvian.analysis.points import MIN_VISIBILITY
from vitruvian.analysis.summary import PersonSummary, person_summary
from vitruvian.core._arrays import json_float
from vitruvian.core.sequence import PoseSequence
from vitruvian.export.angle_table import angle_csv
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.report import clip_facts, key_frames, key_times, report_html
from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request

    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.core.camera import Camera
    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.state import Studio
    from vitruvian.studio.studio_file import StudioFile

__all__ = ["angle_info", "angle_table", "exercise_info", "repetitions_of", "report", "routes"]


def angle_info() -> list[dict[str, Any]]:
    """Return how the page measures joints, the left one first: see `joint_definitions`."""
    definitions = joint_definitions()
    pairs = zip(definitions[1::2], definitions[::2], strict=True)
    return [
        {**d._asdict(), "title": _title(d.name), "min_visibility": MIN_VISIBILITY}
        for pair in pairs
        for d in pair
    ]


def exercise_info() -> list[dict[str, Any]]:
    """Return the exercises, and how the page measures the joint of each: see `Exercise`."""
    return [
        {
            "name": e.name,
            "title": _title(e.name),
            "joint": e.joint[1],
            "points": e.indices.tolist(),
            "may_be_hidden": e.may_be_hidden.tolist(),
            "min_visibility": MIN_VISIBILITY,
            "low_deg": e.low_deg,
            "high_deg": e.high_deg,
            "rest": e.rest,
            "sides": e.sides,
        }
        for e in EXERCISES.values()
    ]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def routes(studio: Studio) -> list[Route]:
    """Return the routes below ``/api/jobs/{id}`` that measure."""

    def repetitions(request: Request) -> Response:
        exercise = request.query_params.get("exercise", "")
        return JSONResponse(repetitions_of(_results(studio, request), exercise))

    def angles(request: Request) -> Response:
        text = angle_table(_results(studio, request))
        return Response(text, media_type="text/csv", headers=_attachment("angles.csv"))

    def html(request: Request) -> Response:
        exercise = request.query_params.get("exercise", "")
        file = studio.shelf.file(studio.jobs.job(request.path_params["id"]).file)
        page = report(_results(studio, request), file, exercise)
        return Response(page, media_type="text/html", headers=_attachment("report.html"))

    def slow(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer_slowly(request: Request) -> Response:
            return await studio.slow_work.run(answer, request)

        return answer_slowly

    return [
        Route("/api/jobs/{id}/repetitions", slow(repetitions)),
        Route("/api/jobs/{id}/angles.csv", slow(angles)),
        Route("/api/jobs/{id}/report.html", slow(html)),
    ]


def _results(studio: Studio, request: Request) -> list[PoseResult]:
    results = studio.jobs.job(request.path_params["id"]).results()
    if not results:
        raise ApiError(409, "no_results", "there is no result yet")
    return results


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """A clip as it is measured: smoothed, in front of its camera."""

    sequence: PoseSequence
    camera: Camera | None
    people: list[PersonSummary]


def _measured(results: Sequence[PoseResult], exercise: str = "") -> _Measured:
    """Return what is measured; ValueError for an unknown exercise, and for results of images."""
    sequence = PoseSequence.from_results(results)
    if not is_clip(sequence):
        raise ValueError("repetitions and angles over time need a video, got images")
    sequence, camera = prepared(sequence, CameraOptions())
    exercises = [exercise] if exercise else []
    people = [sequence.person(i) for i in sequence.ids.tolist()]
    summaries = [person_summary(person, exercises=exercises) for person in people]
    return _Measured(sequence, camera, summaries)


def repetitions_of(results: Sequence[PoseResult], exercise: str) -> dict[str, Any]:
    """Return the answer of ``/api/jobs/{id}/repetitions``."""
    exercise_named(exercise)
    people = []
    for summary in seen_long(_measured(results, exercise).people):
        (found,) = summary.repetitions.values()
        n_whole = sum(not r.is_partial for r in found)
        person = {"id": summary.person.id, "count": n_whole}
        people.append({**person, "repetitions": [_fields(r) for r in found]})
    return {"people": people}


def _fields(r: Repetition) -> dict[str, Any]:
    times = {"start_us": r.start_us, "turn_us": r.turn_us, "end_us": r.end_us}
    names = ("min_deg", "max_deg", "range_deg", "left_deg", "right_deg", "down_s", "up_s")
    values = {name: json_float(getattr(r, name)) for name in names}
    return {"number": r.number, **times, **values, "is_partial": r.is_partial}


def angle_table(results: Sequence[PoseResult]) -> str:
    """Return the joint angles of every frame and person as CSV."""
    rows = [(s.person, s.angles) for s in _measured(results).people]
    return angle_csv(rows, angle_names())


def report(results: Sequence[PoseResult], file: StudioFile, exercise: str) -> str:
    """Return the report of a clip as HTML, with pictures of its video if there is one."""
    measured = _measured(results, exercise)
    people = seen_long(measured.people)
    wanted = [(s.person, key_times(s)) for s in people]
    facts = clip_facts(
        measured.sequence, results[0].provenance, smooth_hz=SMOOTH_HZ, camera=measured.camera
    )
    frames = {} if file.path is None else key_frames(file.path, wanted)
    return report_html(file.name, people, facts=facts, frames=frames)
