"""Draw docs/images/hero.webp: four rendered people, tracked by `PoseTracker`, as a looping video.

Run ``python scripts/draw_readme_picture.py`` in the repository; rendering takes some minutes. The
upper part is the video with skeletons, persistent IDs and masks. The lower part shows the world
landmarks of every person, turned in 3D, with quantities measured from them.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.progress import track

import vitruvian as vt
from vitruvian.analysis.semaphore import semaphore_letter
from vitruvian.draw.palette import person_color
from vitruvian.synthetic import Camera, Clothes, Figure, Light, Person, Room, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vitruvian.synthetic.motions import Motion
    from vitruvian.synthetic.posture import Posture

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "hero.webp"
LOOP_S, FPS = 6.0, 10  # every motion below repeats after LOOP_S
RENDER_WH, VIDEO_WH = (1600, 720), (1000, 450)
ZOOM = 3  # scale of the drawing before downsampling, for smooth edges
PANEL_H = 204  # px below the video
QUALITY = 45  # of WebP

Rgb = tuple[int, int, int]
INK = PANEL = (15, 23, 42)
RULE, GREY, WHITE = (51, 65, 85), (148, 163, 184), (255, 255, 255)
SIDE_RGB = {"left": (255, 138, 0), "right": (0, 217, 231), "center": (224, 224, 224)}
TINT = 0.3  # share of the ID's colour in a mask
PILL_WH, MIN_FACE_PX = (58, 27), 14
PX_PER_M = 74  # in the panel
PITCH, YAW = math.radians(11), math.radians(38)  # rotation of the camera of the panel, at most YAW
FACE = frozenset(range(1, 11))  # landmarks that the panel leaves out; 0 is the nose


CHANGE_PLACE = motions.sequence([
    (1.2, motions.wave(0.8)), (0.5, motions.turn(2.0, angle=math.pi / 2)),
    (2.1, motions.walk(1.2, distance_m=1.75)), (0.5, motions.turn(-2.0, angle=math.pi / 2)),
    (1.7, motions.wave(0.8)),
])  # fmt: skip


def repeated(motion: Motion, start_s: float = 0.0) -> Motion:
    """Repeat `motion` every `LOOP_S`, beginning at `start_s` of its own time."""

    def loop(time_s: float, figure: Figure) -> Posture:
        return motion(start_s + time_s % LOOP_S, figure)

    return loop


SCENE = Scene(
    [
        Person(
            Figure(1.66, 0.94, shoulder_ratio=0.92, clothes=Clothes(
                (141, 92, 66), (26, 20, 18), (226, 186, 74), (40, 92, 84), sleeves=1.9)),
            repeated(CHANGE_PLACE), position=(-1.72, 1.15),
        ),
        Person(
            Figure(1.82, clothes=Clothes(
                shirt=(176, 46, 48), trousers=(52, 60, 92), hair=(58, 40, 28))),
            repeated(motions.squat(2.0), 0.5), position=(-1.15, -0.5), heading_deg=24,
        ),
        Person(
            Figure(1.74, clothes=Clothes(
                (236, 196, 172), (34, 28, 30), (24, 104, 112), (58, 60, 74), (228, 92, 60))),
            repeated(motions.jumping_jack(1.2)), position=(0.78, -0.1),
        ),
        Person(
            Figure(1.78, 1.1, shoulder_ratio=1.05, clothes=Clothes(
                (112, 74, 54), (22, 20, 20), (238, 238, 234), (120, 98, 66), (60, 48, 40))),
            repeated(motions.semaphore("NRUN", letter_s=2.0), 2.0), position=(1.93, 0.05),
        ),
    ],
    Camera(position=(0.0, 1.4, 6.9), target=(0.0, 0.98, 0.0), fov_deg=46.5),
    room=Room(extent=(16.0, 5.0, 9.0), wall=(222, 222, 220), floor=(190, 166, 138)),
    light=Light(direction=(0.4, 1.0, 0.8), ambient=0.5),
    noise=0.0,
)  # fmt: skip


def rendered() -> list[NDArray[np.uint8]]:
    """Return the frames of one loop."""
    times = [i / FPS for i in range(round(LOOP_S * FPS))]
    images = [SCENE.render(s, RENDER_WH).image for s in track(times, description="rendering")]
    return [cv2.resize(image, VIDEO_WH, interpolation=cv2.INTER_AREA) for image in images]


def tracked(images: list[NDArray[np.uint8]]) -> list[vt.PoseResult]:
    """Return the results of a tracker for the frames."""
    with vt.PoseTracker(
        "full", num_poses=len(SCENE.people), segmentation=True, smooth_segmentation=False
    ) as tracker:
        return [
            tracker.update(image, timestamp_us=round(i * 1e6 / FPS))
            for i, image in enumerate(track(images, description="tracking"))
        ]


# --- measurements, from world landmarks in metres ---


def at(pose: vt.Pose, *names: str) -> NDArray[np.float64]:
    """Return the mean of world landmarks, (3,) in m."""
    return pose.world[[vt.BLAZEPOSE.index(name) for name in names]].mean(axis=0, dtype=np.float64)


def floor_y(pose: vt.Pose) -> float:
    """Return the y of the lowest foot, m."""
    return float(pose.world[27:33, 1].max())


def knee_angle(pose: vt.Pose) -> str:
    """Return the angle of the left knee."""
    knee = at(pose, "left_knee")
    thigh, shank = at(pose, "left_hip") - knee, at(pose, "left_ankle") - knee
    cosine = thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank)
    return f"{math.degrees(math.acos(cosine)):.0f}°"


def hip_height(pose: vt.Pose) -> str:
    """Return the height of the hips above the lowest foot; the hips are the origin."""
    return f"{floor_y(pose):.2f} m"


def wrist_height(pose: vt.Pose) -> str:
    """Return the height of the right wrist above the lowest foot."""
    return f"{floor_y(pose) - at(pose, 'right_wrist')[1]:.2f} m"


def ankle_distance(pose: vt.Pose) -> str:
    """Return the distance between the ankles."""
    return f"{np.linalg.norm(at(pose, 'left_ankle') - at(pose, 'right_ankle')):.2f} m"


def letter(pose: vt.Pose) -> str:
    """Return the letter of flag semaphore that the arms show."""
    return semaphore_letter(pose) or "-"


HIPS = ("hip height", hip_height)
MEASURES: list[list[tuple[str, Callable[[vt.Pose], str]]]] = [  # of the people of SCENE
    [("wrist height", wrist_height), HIPS],
    [("knee angle", knee_angle), HIPS],
    [("ankles apart", ankle_distance), HIPS],
    [("semaphore", letter), HIPS],
]


# --- drawing ---


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that comes with Pillow."""
    return ImageFont.load_default(size)


def drawn_video(image: NDArray[np.uint8], result: vt.PoseResult) -> Image.Image:
    """Return the frame with masks in the colours of the IDs, skeletons and IDs."""
    wh = VIDEO_WH[0] * ZOOM, VIDEO_WH[1] * ZOOM
    canvas = cv2.resize(image, wh, interpolation=cv2.INTER_CUBIC)
    for pose in result:
        rgb = id_rgb(pose)
        soft = cv2.GaussianBlur(cv2.resize(pose.mask, wh), (0, 0), 3 * ZOOM)
        mask = (soft > 0.5).astype(np.uint8)
        mixed = cv2.addWeighted(canvas, 1 - TINT, np.full_like(canvas, rgb), TINT, 0)
        cv2.copyTo(mixed, mask, canvas)
        outline, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(canvas, outline, -1, rgb, 2 * ZOOM, cv2.LINE_AA)
    poses = tuple(
        replace(p, landmarks=p.landmarks * ZOOM, roi=enlarged(p.roi), mask=None) for p in result
    )
    zoomed = replace(result, width=wh[0], height=wh[1], poses=poses)
    drawing = cv2.resize(vt.draw_poses(canvas, zoomed), VIDEO_WH, interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(drawing)
    for pose in result:
        eyes, mouth = pose.landmarks[1:7, :2].mean(axis=0), pose.landmarks[9:11, :2].mean(axis=0)
        above = eyes[1] - 1.9 * max(mouth[1] - eyes[1], MIN_FACE_PX)
        pill(picture, (eyes[0], above - 24), pose)
    return picture


def enlarged(roi: vt.Roi) -> vt.Roi:
    """Return the same region in an image that is ZOOM times as large."""
    (x, y), (width, height) = roi.center, roi.wh
    return replace(roi, center=(x * ZOOM, y * ZOOM), wh=(width * ZOOM, height * ZOOM))


def id_rgb(pose: vt.Pose) -> Rgb:
    """Return the colour of a person's ID."""
    return person_color(pose.id or 0)


def pill(picture: Image.Image, center: tuple[float, float], pose: vt.Pose) -> None:
    """Write an ID into a rounded box in its colour, with smooth edges."""
    (w, h), k = PILL_WH, ZOOM
    box = Image.new("L", (w * k, h * k), 0)
    ImageDraw.Draw(box).rounded_rectangle((0, 0, w * k - 1, h * k - 1), h * k // 2, fill=255)
    box = box.resize((w, h), Image.Resampling.LANCZOS)
    x, y = round(center[0] - w / 2), round(max(center[1] - h / 2, 4))
    picture.paste(id_rgb(pose), (x, y), box)
    ImageDraw.Draw(picture).text(
        (x + w / 2, y + h / 2), f"ID {pose.id}", fill=INK, font=font(19), anchor="mm",
        stroke_width=0.4, stroke_fill=INK,
    )  # fmt: skip


def drawn_panel(known: list[vt.Pose], seen: set[int | None], yaw: float) -> Image.Image:
    """Return the lower part: each person's world landmarks and measurements.

    `known` is the last pose of everyone; `seen` has the IDs of this frame, the others are lost.
    """
    k = ZOOM
    wide = VIDEO_WH[0] // len(known)
    panel = Image.new("RGB", (VIDEO_WH[0] * k, PANEL_H * k), PANEL)
    draw = ImageDraw.Draw(panel)
    for i, pose in enumerate(known):
        origin = ((i * wide + 76) * k, (PANEL_H - 30) * k)
        draw_grid(draw, origin, yaw, k)
        if pose.id in seen:
            draw_skeleton(draw, pose, origin, yaw, k)
    panel = panel.resize((VIDEO_WH[0], PANEL_H), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(panel)
    for i, pose in enumerate(known):
        x = i * wide + 142
        if i:
            draw.line((i * wide, 22, i * wide, PANEL_H - 22), fill=RULE)
        pill(panel, (x + PILL_WH[0] / 2, 32), pose)
        if pose.id not in seen:
            draw.text((x, 62), "lost", fill=GREY, font=font(17))
            continue
        for row, (name, measure) in enumerate(MEASURES[i]):
            y = 56 + 64 * row
            draw.text((x, y), measure(pose), fill=WHITE, font=font(26))
            draw.text((x, y + 31), name, fill=GREY, font=font(16))
    return panel


def flat(points: NDArray[np.float64], yaw: float) -> NDArray[np.float64]:
    """Return (n, 3) points in m, y up from the floor, as (n, 2) in m of the panel."""
    c, s = math.cos(yaw), math.sin(yaw)
    x, depth = c * points[:, 0] + s * points[:, 2], c * points[:, 2] - s * points[:, 0]
    return np.stack([x, -math.cos(PITCH) * points[:, 1] - math.sin(PITCH) * depth], axis=1)


def draw_lines(draw: ImageDraw.ImageDraw, ends: NDArray[np.float64], rgb: Rgb, width: int) -> None:
    """Draw (n, 2, 2) lines with round ends."""
    for a, b in ends:
        draw.line((*a, *b), fill=rgb, width=width)
        for x, y in (a, b):
            r = width / 2 - 0.5
            draw.ellipse((x - r, y - r, x + r, y + r), fill=rgb)


def draw_grid(draw: ImageDraw.ImageDraw, origin: tuple[int, int], yaw: float, k: int) -> None:
    """Draw one square metre of floor, in quarters."""
    steps = np.linspace(-0.5, 0.5, 3)
    lines = [[(a, 0, -0.5), (a, 0, 0.5)] for a in steps] + [
        [(-0.5, 0, a), (0.5, 0, a)] for a in steps
    ]
    points = flat(np.array(lines, np.float64).reshape(-1, 3), yaw) * PX_PER_M * k + origin
    draw_lines(draw, points.reshape(-1, 2, 2), RULE, 2 * k // 2)


def draw_skeleton(
    draw: ImageDraw.ImageDraw, pose: vt.Pose, origin: tuple[int, int], yaw: float, k: int
) -> None:
    """Draw the world landmarks with the lowest foot on the floor."""
    points = pose.world.astype(np.float64) * (1, -1, 1) + (0, floor_y(pose), 0)
    at_px = flat(points, yaw) * PX_PER_M * k + origin
    sides = vt.BLAZEPOSE.sides
    for a, b in vt.BLAZEPOSE.connections:
        if {a, b} & FACE:
            continue
        side = sides[a] if sides[a] == sides[b] else "center"
        draw_lines(draw, at_px[[[a, b]]], SIDE_RGB[side], 3 * k)
    (x, y), r = at_px[7:9].mean(axis=0), 0.1 * PX_PER_M * k
    draw.ellipse((x - r, y - r, x + r, y + r), outline=SIDE_RGB["center"], width=3 * k)


def main() -> None:
    """Render, track, draw, and write the loop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=OUTPUT)
    args = parser.parse_args()
    images = rendered()
    results = tracked(images)
    # Everyone is seen in the first frame, in SCENE from left to right.
    known = sorted(results[0], key=lambda pose: pose.landmarks[23:25, 0].mean())
    pictures = []
    for i, (image, result) in enumerate(zip(images, results, strict=True)):
        by_id = {pose.id: pose for pose in result}
        known = [by_id.get(pose.id, pose) for pose in known]
        yaw = YAW * math.sin(2 * math.pi * i / len(images))
        picture = Image.new("RGB", (VIDEO_WH[0], VIDEO_WH[1] + PANEL_H))
        picture.paste(drawn_video(image, result), (0, 0))
        picture.paste(drawn_panel(known, set(by_id), yaw), (0, VIDEO_WH[1]))
        pictures.append(picture)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    pictures[0].save(
        args.output, save_all=True, append_images=pictures[1:], duration=round(1000 / FPS),
        loop=0, quality=QUALITY, method=6,
    )  # fmt: skip
    print(f"{args.output}: {len(pictures)} frames, {args.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
