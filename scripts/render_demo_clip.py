"""Render the clip that `vitruvian demo` tracks: someone walks in, waves, squats, jumps and turns.

Run ``python scripts/render_demo_clip.py`` in the repository; it takes some minutes. The same
version of NumPy, PyAV and x264 gives the same file.
"""

from __future__ import annotations

import argparse
import math
from fractions import Fraction
from pathlib import Path

import av
from rich.progress import track

from vitruvian.synthetic import Camera, Clothes, Figure, Light, Person, Scene, motions

CLIP = Path(__file__).resolve().parents[1] / "src" / "vitruvian" / "data" / "demo.mp4"
WH, FPS = (640, 480), 25
ACTS = [
    (1.95, motions.walk(1.35, distance_m=1.8)),
    (0.6, motions.turn(-2.4, angle=math.pi / 2)),
    (1.25, motions.wave(0.65)),
    (1.4, motions.squat(1.4)),
    (1.6, motions.jumping_jack(0.8)),
    (1.7, motions.turn(1.6, angle=2 * math.pi)),
]
SCENE = Scene(
    [
        Person(
            Figure(height_m=1.74, clothes=Clothes(shirt=(24, 104, 112), trousers=(58, 60, 74))),
            motions.sequence(ACTS),
            position=(-1.8, 0.0),
            heading_deg=90,
        )
    ],
    Camera(position=(0.0, 1.25, 3.9), target=(0.0, 1.0, 0.0), fov_deg=47),
    light=Light(direction=(0.5, 1.0, 0.9)),
    noise=1.0,
)


def main() -> None:
    """Render every frame and encode the clip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=CLIP)
    parser.add_argument("--samples", type=int, default=2, help="rays across and down each pixel")
    args = parser.parse_args()
    n_frames = round(sum(seconds for seconds, _ in ACTS) * FPS)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    with av.open(args.output, "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = WH
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, FPS)
        stream.options = {"crf": "20", "preset": "veryslow", "threads": "1", "bf": "0"}
        for index in track(range(n_frames), description="demo clip"):
            view = SCENE.render(index / FPS, WH, samples=args.samples)
            frame = av.VideoFrame.from_ndarray(view.image, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    print(f"{args.output}: {n_frames} frames, {args.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
