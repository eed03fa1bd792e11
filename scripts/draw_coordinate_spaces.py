"""Draw docs/images/spaces.png: one landmark in the image, in the crop and in the world.

Run ``python scripts/draw_coordinate_spaces.py`` in the repository. The figure is rendered, and
every number in the drawing is the output of the full model for it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import vitruvian as vt
from vitruvian.synthetic import Camera, Figure, Person, Posture, Scene, motions

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "spaces.png"
CANVAS_WH, FRAME_WH, CROP_SIDE = (1270, 520), (640, 480), 256
OVERSAMPLING = 3
FONT_PX = 17
INK, FAINT, YELLOW, PINK = (30, 34, 40), (120, 126, 134), (255, 200, 0), (230, 0, 110)
RED, GREEN, BLUE = (206, 52, 44), (22, 138, 60), (36, 92, 214)
SIDE_COLORS = {"left": (255, 138, 0), "right": (0, 178, 196), "center": (120, 126, 134)}
SHOWN = "left_wrist"
LEANING = Posture(
    hips=(-0.03, -0.06, 0.0),
    lean=(0.05, 0.42, 0.0),
    head=(0.0, -0.2, 0.0),
    upper_arms=((0.6, 0.9, 0.2), (-0.8, -0.75, 0.2)),
    forearms=((0.1, 1.0, 0.35), (0.3, -0.4, 0.55)),
    feet=((0.16, 0.0, 0.0), (-0.18, 0.0, 0.0)),
)
SCENE = Scene(
    [Person(Figure(), motions.stand(LEANING), heading_deg=-20)],
    Camera(position=(0.1, 1.1, 3.7), target=(0.1, 0.8, 0.0), fov_deg=68),
    noise=0.0,
)


class Drawing:
    """Lines, arrows and words on a white canvas, in px of the finished picture."""

    def __init__(self, wh: tuple[int, int]) -> None:
        width, height = wh
        self._image = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), "white")
        self._draw = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(FONT_PX * OVERSAMPLING)
        self._wh = wh

    def picture(self, pixels: NDArray[np.uint8], left_top: tuple[int, int], width: int) -> None:
        """Put a picture on the canvas, `width` px wide."""
        picture = Image.fromarray(pixels)
        size = width, round(width * picture.height / picture.width)
        large = (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING)
        x, y = left_top
        self._image.paste(picture.resize(large), (x * OVERSAMPLING, y * OVERSAMPLING))

    def line(self, points: ArrayLike, color: tuple[int, int, int], width: float = 2.0) -> None:
        """Draw a line through (n, 2) points."""
        scaled = np.asarray(points, float) * OVERSAMPLING
        path = [tuple(p) for p in scaled.tolist()]
        self._draw.line(path, fill=color, width=round(width * OVERSAMPLING), joint="curve")

    def arrow(self, start: ArrayLike, end: ArrayLike, color: tuple[int, int, int]) -> None:
        """Draw an arrow."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        along = (b - a) / np.linalg.norm(b - a)
        across = np.array([-along[1], along[0]])
        self.line([a, b - 8 * along], color, 2.5)
        head = np.array([b, b - 12 * along + 5 * across, b - 12 * along - 5 * across])
        self._draw.polygon([tuple(p) for p in (head * OVERSAMPLING).tolist()], fill=color)

    def dot(self, point: ArrayLike, color: tuple[int, int, int], radius: float = 5.0) -> None:
        """Draw a dot with a white rim."""
        center = np.asarray(point, float)
        for r, fill in ((radius + 1.5, (255, 255, 255)), (radius, color)):
            box = np.concatenate([center - r, center + r]) * OVERSAMPLING
            self._draw.ellipse(box.tolist(), fill=fill)

    def word(
        self, where: ArrayLike, text: str, color: tuple[int, int, int] = INK, anchor: str = "lm"
    ) -> None:
        """Write `text`; `anchor` is Pillow's: l, m, r and t, m, b."""
        x, y = (np.asarray(where, float) * OVERSAMPLING).tolist()
        self._draw.text(
            (x, y), text, color, self._font, anchor, stroke_width=2 * OVERSAMPLING,
            stroke_fill="white",
        )  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the picture."""
        small = self._image.resize(self._wh, Image.Resampling.LANCZOS)
        path.parent.mkdir(parents=True, exist_ok=True)
        small.save(path, optimize=True)
        print(f"{path}: {path.stat().st_size} bytes")


def draw_image_space(drawing: Drawing, image: NDArray[np.uint8], pose: vt.Pose) -> None:
    """Draw the frame with its axes, the region and the landmark."""
    origin, width = np.array([40, 66]), 560
    scale = width / FRAME_WH[0]
    drawing.picture(image, tuple(origin.tolist()), width)
    far = origin + scale * np.array(FRAME_WH)
    drawing.arrow(origin, (far[0] + 12, origin[1]), RED)
    drawing.arrow(origin, (origin[0], far[1] + 12), GREEN)
    drawing.word((far[0] - 12, origin[1] + 16), "x", RED)
    drawing.word((origin[0] + 10, far[1] - 8), "y", GREEN)
    drawing.word(origin + np.array([8, 18]), "(0, 0)")
    drawing.word(far + np.array([-4, 14]), "(width, height)", FAINT, "rm")
    corners = origin + scale * pose.roi.corners
    drawing.line([*corners, corners[0]], YELLOW, 2.5)
    drawing.line(corners[:2], YELLOW, 6)
    center = origin + scale * np.array(pose.roi.center)
    top = corners[:2].mean(axis=0)
    reach = np.linalg.norm(top - center)
    drawing.line([center, center - [0, reach]], INK, 1.5)
    drawing.line([center, top], INK, 1.5)
    angles = np.linspace(0.0, pose.roi.rotation, 20)
    arc = np.stack([np.sin(angles), -np.cos(angles)], axis=1)
    drawing.line(center + 0.72 * reach * arc, INK, 2)
    drawing.dot(center, INK, 4)
    drawing.word(center + np.array([-10, 4]), "roi.center", anchor="rm")
    drawing.word(center + np.array([-6, -0.62 * reach]), "roi.rotation", anchor="rm")
    side = (corners[2] + corners[3]) / 2
    drawing.word(side + np.array([-10, -14]), "roi.wh", (150, 112, 0), "mm")
    x, y = pose.landmarks[pose.skeleton.index(SHOWN), :2].tolist()
    wrist = origin + scale * np.array([x, y])
    drawing.dot(wrist, PINK)
    drawing.word(wrist + np.array([12, -10]), f"({x:.0f}, {y:.0f}) px", PINK)
    drawing.word((origin[0], 26), "image: px of the frame")


def draw_crop_space(drawing: Drawing, image: NDArray[np.uint8], pose: vt.Pose) -> None:
    """Draw the input of the landmark network, with its axes and the landmark."""
    origin, width = np.array([668, 130]), 256
    crop_wh = CROP_SIDE, CROP_SIDE
    crop = cv2.warpAffine(
        image, pose.roi.image_from_crop(crop_wh)[:2], crop_wh,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    drawing.picture(np.asarray(crop, np.uint8), tuple(origin.tolist()), width)
    far = origin + width
    square = [origin, (far[0], origin[1]), far, (origin[0], far[1]), origin]
    drawing.line(square, YELLOW, 2.5)
    drawing.line(square[:2], YELLOW, 6)
    drawing.arrow(origin, (far[0] + 18, origin[1]), RED)
    drawing.arrow(origin, (origin[0], far[1] + 18), GREEN)
    drawing.word((far[0] + 8, origin[1] + 18), "x", RED)
    drawing.word((origin[0] + 10, far[1] + 14), "y", GREEN)
    drawing.word(far + np.array([0, 16]), "(256, 256)", FAINT, "rm")
    matrix = pose.roi.crop_from_image(crop_wh)
    x, y, _ = (matrix @ [*pose.landmarks[pose.skeleton.index(SHOWN), :2], 1.0]).tolist()
    wrist = origin + np.array([x, y]) * width / CROP_SIDE
    drawing.dot(wrist, PINK)
    drawing.word(wrist + np.array([-10, 0]), f"({x:.0f}, {y:.0f})", PINK, "rm")
    drawing.word((origin[0] - 12, 26), "crop: px of the network's input")
    drawing.word((origin[0] - 12, 60), "crop = roi.crop_from_image(...) @ image", FAINT)
    drawing.word((origin[0] - 12, 84), "image = roi.image_from_crop(...) @ crop", FAINT)


def draw_world_space(drawing: Drawing, pose: vt.Pose) -> None:
    """Draw the world landmarks from above and to the right of the camera, with the axes."""
    origin, px_per_m = np.array([1110.0, 262.0]), 160.0

    def seen(points: ArrayLike) -> NDArray[np.float64]:
        yaw, pitch = math.radians(28), math.radians(18)
        x, y, z = np.moveaxis(np.asarray(points, float), -1, 0)
        right = x * math.cos(yaw) + z * math.sin(yaw)
        away = z * math.cos(yaw) - x * math.sin(yaw)
        down = y * math.cos(pitch) - away * math.sin(pitch)
        return origin + px_per_m * np.stack([right, down], axis=-1)

    points = seen(pose.world)
    for a, b in pose.skeleton.connections:
        sides = {pose.skeleton.sides[a], pose.skeleton.sides[b]} - {"center"}
        color = SIDE_COLORS[sides.pop() if len(sides) == 1 else "center"]
        drawing.line(points[[a, b]], color, 3)
    ends = seen(np.eye(3) * 0.55)
    for end, color in zip(ends, (RED, GREEN, BLUE), strict=True):
        drawing.arrow(origin, end, color)
    drawing.word(ends[0] + [-2, 18], "x: right", RED, "mm")
    drawing.word(ends[1] + [8, 6], "y: down", GREEN)
    drawing.word(ends[2] + [-40, -16], "z: away", BLUE)
    drawing.dot(origin, INK, 4)
    i = pose.skeleton.index(SHOWN)
    drawing.dot(points[i], PINK)
    values = ", ".join(f"{v:.2f}" for v in pose.world[i])
    drawing.word(points[i] + [0, -38], f"({values}) m", PINK, "mm")
    drawing.word((986, 26), "world: m from the middle of the hips")
    drawing.word((986, 60), "axes of the camera; drawn as seen", FAINT)
    drawing.word((986, 84), "from above it and to its right", FAINT)


def main() -> None:
    """Render, run the model, draw."""
    image = SCENE.render(0.0, FRAME_WH, samples=2).image
    with vt.PoseEstimator("full") as estimator:
        pose = estimator.detect(image).poses[0]
    drawing = Drawing(CANVAS_WH)
    draw_image_space(drawing, image, pose)
    draw_crop_space(drawing, image, pose)
    draw_world_space(drawing, pose)
    drawing.save(OUTPUT)


if __name__ == "__main__":
    main()
