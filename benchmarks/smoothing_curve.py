"""Measure jitter against lag for every amount of smoothing, and draw docs/images/smoothing.svg.

    python benchmarks/smoothing_curve.py [--model full]

Our tracker runs once, without smoothing, on the still and the fast mannequins of `quality.py`. Our
filters and MediaPipe's, at several strengths, then smooth the same poses.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

import quality_metrics as metrics
import vitruvian
from quality_clips import CLIPS, Clip
from setting import MODELS, REPOSITORY
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.profile import PROFILES
from vitruvian.track.smoothing import PoseSmoother

OUTPUT = REPOSITORY / "docs" / "images" / "smoothing.svg"
AMOUNTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FILTERS = {"vitruvian": ("default", "#c8102e"), "MediaPipe's filter": ("graph", "#1f5fa8")}
EXPANSION = 1.25  # size of the region relative to the person


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Lag and jitter at an amount of smoothing, as means over the clips."""

    amount: float
    jitter_px: float
    jitter_mm: float
    lag_ms: float
    world_lag_ms: float


def main() -> None:
    """Track, smooth, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="full")
    args = parser.parse_args()
    clips = [c for c in CLIPS.values() if c.truth and {"jitter", "lag"} & set(c.asks)]
    raw = {clip.name: _raw(clip, args.model) for clip in clips}
    curves = {}
    for name, (profile, _) in FILTERS.items():
        curves[name] = [_point(clips, raw, profile, amount) for amount in AMOUNTS]
        print(f"\n{name}\n{'amount':>6}{'px':>8}{'mm':>8}{'lag ms':>8}{'world':>8}")
        for p in curves[name]:
            print(
                f"{p.amount:6.1f}{p.jitter_px:8.3f}{p.jitter_mm:8.2f}{p.lag_ms:8.1f}"
                f"{p.world_lag_ms:8.1f}"
            )
    OUTPUT.write_text(_svg(curves))


def _raw(clip: Clip, model: str) -> list[tuple[RawPose, float]]:
    """Return the unsmoothed pose of every frame, and the size of the person in px."""
    seen = []
    with vitruvian.PoseTracker(model, smoothing=0) as tracker:
        for i, image in enumerate(clip.images()):
            pose = tracker.update(image, timestamp_us=_time_us(i, clip.fps)).pose
            if pose is None:
                raise SystemExit(f"{clip.name}: no person found in frame {i}")
            auxiliary = np.empty((2, 3), np.float32)
            raw = RawPose(
                pose.landmarks, auxiliary, pose.visibility, pose.presence, pose.world, pose.score,
                None,
            )  # fmt: skip
            seen.append((raw, max(pose.roi.wh) / EXPANSION))
    return seen


def _time_us(frame: int, fps: float) -> int:
    return round((frame + 1) * 1e6 / fps)


def _point(
    clips: list[Clip], raw: dict[str, list[tuple[RawPose, float]]], profile: str, amount: float
) -> Point:
    """Return lag and jitter at one amount of one profile's filters."""
    jitter, lag = [], []
    for clip in clips:
        smooth = PoseSmoother(PROFILES[profile], amount)
        poses = [
            smooth(pose, _time_us(i, clip.fps), size)
            for i, (pose, size) in enumerate(raw[clip.name])
        ]
        image = np.stack([pose.landmarks[:, :2] for pose in poses])
        world = np.stack([pose.world for pose in poses])
        if "jitter" in clip.asks:
            jitter.append((metrics.jitter(image, clip.fps), 1e3 * metrics.jitter(world, clip.fps)))
        else:
            truth = clip.truth()
            lag.append((
                metrics.lag_ms(image, truth["landmarks"], clip.fps),
                metrics.lag_ms(world[..., :2], truth["world"][..., :2], clip.fps),
            ))  # fmt: skip
    return Point(amount, *np.mean(jitter, axis=0).tolist(), *np.mean(lag, axis=0).tolist())


# --- drawing ---

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 48
LAGS_MS = (0, 10, 20, 30, 40)
JITTERS_PX = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def _x(lag_ms: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (lag_ms + 1) / (LAGS_MS[-1] + 2)


def _y(jitter_px: float) -> float:
    low, high = np.log(JITTERS_PX[0] * 0.8), np.log(JITTERS_PX[-1] * 1.1)
    return float(TOP + (HEIGHT - TOP - BOTTOM) * (high - np.log(jitter_px)) / (high - low))


def _svg(curves: dict[str, list[Point]]) -> str:
    """Return the drawing: lag to the right, jitter upward on a logarithmic scale."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for lag in LAGS_MS:
        parts += [_line((_x(lag), TOP), (_x(lag), HEIGHT - BOTTOM), "#ddd"),
                  _text(_x(lag), HEIGHT - BOTTOM + 18, f"{lag}")]  # fmt: skip
    for jitter in JITTERS_PX:
        parts += [_line((LEFT, _y(jitter)), (WIDTH - RIGHT, _y(jitter)), "#ddd"),
                  _text(LEFT - 6, _y(jitter) + 4, f"{jitter:g}", "end")]  # fmt: skip
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 10, "lag on a fast motion, ms"))
    height = (TOP + HEIGHT - BOTTOM) / 2
    turned = f'<g transform="rotate(-90 16 {height})">'
    parts.append(turned + _text(16, height, "jitter of a still person, px") + "</g>")
    for row, (name, points) in enumerate(curves.items()):
        color = FILTERS[name][1]
        shown = [p for p in points if p.lag_ms <= LAGS_MS[-1]]
        path = " ".join(f"{_x(p.lag_ms):.1f},{_y(p.jitter_px):.1f}" for p in shown)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        for p in shown:
            radius = 6 if p.amount == 0.5 else 3
            parts.append(
                f'<circle cx="{_x(p.lag_ms):.1f}" cy="{_y(p.jitter_px):.1f}" r="{radius}" '
                f'fill="{color}"/>'
            )
        y = TOP + 24 + 20 * row
        parts.append(f'<circle cx="{WIDTH - 230}" cy="{y - 4}" r="4" fill="{color}"/>')
        parts.append(_text(WIDTH - 220, y, name, "start"))
    parts.append(_text(WIDTH - 236, TOP + 64, "amounts 0 to 1; large: 0.5", "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{color}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{text}</text>'


if __name__ == "__main__":
    main()
