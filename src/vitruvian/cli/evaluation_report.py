"""What `vitruvian evaluate` prints and writes: table, JSON and contact sheet."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from vitruvian import __version__
from vitruvian.core._arrays import json_float
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.draw.contact_sheet import Tile, contact_sheet, paint_outlines, paint_shifts
from vitruvian.draw.overlay import draw_poses
from vitruvian.engine.option_fields import values_of
from vitruvian.evaluation import coco_landmarks, data_set_scores, score_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.evaluation import DataSet, ImageScore, ScoredPose

__all__ = ["figures", "table_markdown", "table_text", "worst_sheet"]

N_WORST = 8  # images of each column on the contact sheet
WRONG = 0.2  # torso lengths, as PCK@0.2
MISSED_COLOR, FALSE_COLOR = (255, 60, 60), (255, 160, 0)


def table_text(scored: Mapping[str, Sequence[ImageScore]]) -> str:
    """Return the table: a column for each model and profile."""
    header, *rows = score_table({label: data_set_scores(done) for label, done in scored.items()})
    n_images = len(next(iter(scored.values())))
    table = Table("1 image" if n_images == 1 else f"{n_images} images", *header[1:], box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    console = Console(width=sum(map(len, header)) + 40 + 20 * len(header))
    with console.capture() as text:
        console.print(table, no_wrap=True)
    return "\n".join(line.rstrip() for line in text.get().rstrip("\n").split("\n"))


def table_markdown(scored: Mapping[str, Sequence[ImageScore]]) -> str:
    """Return the table as Markdown, with the number of images above."""
    header, *rows = score_table({label: data_set_scores(done) for label, done in scored.items()})
    n_images = len(next(iter(scored.values())))
    lines = [
        f"{n_images} image{'s'[: n_images != 1]}, vitruvian {__version__}",
        "",
        _markdown_row(header),
        _markdown_row(["---", *["--:"] * len(header[1:])]),
        *map(_markdown_row, _with_full_titles(rows)),
    ]
    return "\n".join(lines) + "\n"


def _with_full_titles(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows, the title of an indented one after that of its group."""
    group = ""
    for title, *cells in rows:
        is_part = title.startswith(" ")
        group = group if is_part else title
        yield (f"{group}: {title.strip()}" if is_part else title, *cells)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.strip().replace('|', '&#124;') for cell in cells)} |"


def figures(
    path: Path,
    truth: DataSet,
    settings: Mapping[str, EstimatorOptions],
    scored: Mapping[str, Sequence[ImageScore]],
) -> str:
    """Return everything measured, as JSON: the scores, and for each image who was found."""
    report = {
        "version": __version__,
        "annotations": str(path),
        "n_images": len(truth.images),
        "n_missing": len(truth.missing),
        "evaluations": [
            {
                "name": label,
                "options": _plain(values_of(settings[label])) if label in settings else None,
                "n_evaluated": len(done),
                "scores": _plain(asdict(data_set_scores(done))),
                "images": [_image_figures(score) for score in done],
            }
            for label, done in scored.items()
        ],
    }
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def worst_sheet(
    truth: DataSet, scored: Mapping[str, Sequence[ImageScore]], suffix: str
) -> bytes | None:
    """Return an image file with the worst images of each column, or None if nothing is wrong.

    Missed people are outlined in red, false poses in orange. A red line leads from a landmark that
    PCK@0.2 counts as wrong to its true place.
    """
    tiles = []
    for label, done in scored.items():
        wrong = [score for score in done if _n_wrong(score) or _is_inexact(score).any()]
        worst = sorted(wrong, key=_n_errors, reverse=True)[:N_WORST]
        tiles += [_tile(label, score, truth) for score in worst]
    if not tiles:
        return None
    data = io.BytesIO()
    format_ = "PNG" if suffix.lower() == ".png" else "JPEG"
    Image.fromarray(contact_sheet(tiles)).save(data, format=format_)
    return data.getvalue()


def _n_wrong(score: ImageScore) -> int:
    """Return the number of missed people and false poses; 1 if a class has no pose at all."""
    if not score.image.has_people:
        return int(not score.poses)
    return int((score.comparison.pose_of < 0).sum()) + len(score.comparison.false_poses)


def _is_inexact(score: ImageScore) -> NDArray[np.bool_]:
    """Return which landmarks of people who were found are wrong, (people, 17)."""
    errors = score.comparison.errors
    return np.isfinite(errors) & (errors >= WRONG)


def _n_errors(score: ImageScore) -> float:
    """Return the number of missed people and false poses, and a fraction for inexact landmarks."""
    errors = score.comparison.errors[np.isfinite(score.comparison.errors)]
    inexact = float(np.mean(np.minimum(errors, 1))) if errors.size else 0.0
    return _n_wrong(score) + 0.99 * inexact


def _tile(label: str, score: ImageScore, truth: DataSet) -> Tile:
    pixels, seen = truth.pixels(score.image), score.comparison
    poses = tuple(map(_drawable, score.poses))
    canvas = draw_poses(pixels, PoseResult(0, 0, pixels.shape[1], pixels.shape[0], poses))
    missed = [score.image.people[i] for i in seen.counted[seen.pose_of < 0]]
    paint_outlines(canvas, _boxes(person.bounds_xyxy for person in missed), MISSED_COLOR)
    false = [poses[i] for i in seen.false_poses]
    paint_outlines(canvas, _boxes(pose.box_xyxy for pose in false), FALSE_COLOR)
    inexact = _is_inexact(score)
    for row in np.flatnonzero(inexact.any(axis=1)):
        true = score.image.people[seen.counted[row]].landmarks[inexact[row]]
        found = coco_landmarks(poses[seen.pose_of[row]].landmarks)[inexact[row], :2]
        paint_shifts(canvas, found, true, MISSED_COLOR)
    counts = f"{score.image.label} " if score.image.label and not score.image.has_people else ""
    counts += f"missed {len(missed)}  false {len(false)}  inexact {inexact.sum()}"
    caption = f"{label}  {counts}  {score.image.title}"
    return Tile(canvas, caption)


def _drawable(pose: Pose | ScoredPose) -> Pose:
    """Return a pose that can be drawn: a `ScoredPose` has no more than its landmarks."""
    if isinstance(pose, Pose):
        return pose
    points = np.asarray(pose.landmarks, np.float32)[:, :2]
    landmarks = np.full((len(BLAZEPOSE), 3), np.nan, np.float32)
    names = BLAZEPOSE.names if len(points) == len(BLAZEPOSE) else COCO17.names
    landmarks[[BLAZEPOSE.index(name) for name in names], :2] = points
    is_known = np.isfinite(landmarks[:, 0]).astype(np.float32)
    roi = Roi((0.0, 0.0), (1.0, 1.0))
    return Pose(landmarks, is_known, is_known, np.full_like(landmarks, np.nan), roi, pose.score)


def _boxes(boxes: Iterable[NDArray[np.floating] | None]) -> NDArray[np.float64]:
    return np.array([box for box in boxes if box is not None], np.float64).reshape(-1, 4)


def _image_figures(score: ImageScore) -> dict[str, Any]:
    seen = score.comparison
    return {
        "name": score.image.title,
        "n_people": len(seen.pose_of),
        "n_found": int((seen.pose_of >= 0).sum()),
        "n_poses": seen.n_poses,
        "n_false": len(seen.false_poses),
        "ms": json_float(score.ms),
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them."""
    return {name: _json_value(value) for name, value in values.items()}


def _json_value(value: object) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, float):
        return json_float(value)
    return value if isinstance(value, int | str | None) else str(value)
