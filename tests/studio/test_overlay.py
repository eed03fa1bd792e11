"""The picture of the page: its overlay has the pixels of `draw_poses`; zoom, pan, mirror."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.studio.conftest import guarded_page
from tests.studio.show import box_of, ramp, show, until
from vitruvian import PoseEstimator, Style, draw_poses, load_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

    from vitruvian import PoseResult
    from vitruvian.studio.server import StudioServer

pytestmark = [pytest.mark.browser, pytest.mark.weights]

SIZE = {"width": 1440, "height": 900}
PLAIN = {"ids": False, "score": False, "fps": False, "box": False, "roi": False, "mirror": False}
INK = (16, 20, 28)

DRAWN = """async ([result, settings, paint, mask]) => {
  const { drawOverlay, drawPicture } = await import("/page/ui/overlay.js");
  const app = window.vitruvian;
  const { width, height } = result;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [red, green] = [Math.round((255 * x) / width), Math.round((255 * y) / height)];
    pixels.data.set([red, green, 96, 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  const image = paint ? await createImageBitmap(canvas) : null;
  let index = null;
  if (mask) {
    const gray = new Uint8ClampedArray(mask.flatMap((v) => [v, v, v, 255]));
    index = await createImageBitmap(new ImageData(gray, width / 8));
  }
  const shown = { image, width, height, result, mask: index };
  const all = { ...app.store.state.settings, ...settings };
  drawPicture(context, shown, all.mirror);
  drawOverlay(context, shown, all, app.info);
  const bytes = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  let text = "";
  const part = 8192;
  for (let i = 0; i < bytes.length; i += part) {
    text += String.fromCharCode(...bytes.subarray(i, i + part));
  }
  return btoa(text);
}"""


@pytest.fixture(scope="module")
def result(request: pytest.FixtureRequest) -> PoseResult:
    """Two people, both whole."""
    folder: Path = request.getfixturevalue("testdata")
    image = load_image(folder / "images" / "couple.jpg")[::2, ::2]
    with PoseEstimator("lite", num_poses=2) as estimator:
        return estimator.detect(image)


@pytest.fixture(scope="module")
def painter(browser: Browser, server: StudioServer) -> Iterator[Page]:
    """One page for all tests that only draw."""
    with guarded_page(browser, server) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        yield page


def drawn(
    page: Page, result: PoseResult, *, paint: bool = True, index: Any = None, **settings: Any
) -> NDArray[Any]:
    """Return the pixels of the page's overlay on the ramp, in the size of the picture."""
    data = page.evaluate(DRAWN, [result.to_dict(extras=False), {**PLAIN, **settings}, paint, index])
    pixels = np.frombuffer(base64.b64decode(data), np.uint8)
    return pixels.reshape(result.height, result.width, 4)[:, :, :3].astype(int)


@pytest.mark.parametrize("what", ["body", "box", "roi", "hidden"])
def test_overlay_has_the_pixels_of_the_python_overlay(
    painter: Page, result: PoseResult, what: str
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "body": {"hidden": False},
        "box": {"box": True, "skeleton": False, "landmarks": False, "hidden": False},
        "roi": {"roi": True, "skeleton": False, "landmarks": False, "hidden": False},
        "hidden": {"minVisibility": 0.999},
    }
    chosen = settings[what]
    style = Style(
        mask=False,
        hidden=chosen.get("hidden", True),
        box=chosen.get("box", False),
        roi=chosen.get("roi", False),
        skeleton=chosen.get("skeleton", True),
        landmarks=chosen.get("landmarks", True),
        min_visibility=chosen.get("minVisibility", 0.5),
    )
    ground = ramp(result.width, result.height)
    expected = draw_poses(ground, result, style).astype(int)
    difference = np.abs(drawn(painter, result, **chosen) - expected).max(axis=-1)
    painted = np.abs(expected - ground).max(axis=-1) > 0
    assert painted.sum() > 1000
    assert (difference[painted] <= 24).mean() > 0.98
    assert (difference[~painted] <= 24).mean() > 0.999


def test_thigh_has_the_color_of_the_person(painter: Page, result: PoseResult) -> None:
    pixels = drawn(painter, result)
    style = painter.evaluate("vitruvian.info.style")
    for place, pose in enumerate(result):
        middle = pose.landmarks[[23, 25], :2].mean(axis=0).round().astype(int)
        color = style["person_colors"][place if pose.id is None else pose.id]
        assert_allclose(pixels[middle[1], middle[0]], color, atol=2)


def test_mirror_turns_picture_and_skeleton_but_not_the_labels(
    painter: Page, result: PoseResult
) -> None:
    straight, mirrored = drawn(painter, result), drawn(painter, result, mirror=True)
    assert (np.abs(straight - mirrored[:, ::-1]).max(axis=-1) <= 24).mean() > 0.999
    only = {"skeleton": False, "landmarks": False, "hidden": False, "score": True, "paint": False}
    one = replace(result, poses=result.poses[:1])
    label, turned = (text_of(drawn(painter, one, **only, mirror=m)) for m in (False, True))
    assert label.shape[1] == turned.shape[1]
    same = np.abs(label - turned).mean()
    assert same < 0.5 * np.abs(label - turned[:, ::-1]).mean()


def text_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the red channel inside the box around what is bright blue: the label."""
    is_label = pixels[:, :, 2] > 200
    rows, columns = np.flatnonzero(is_label.any(axis=1)), np.flatnonzero(is_label.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, 2]


def test_mask_is_tinted_with_the_colors_of_the_people(painter: Page, result: PoseResult) -> None:
    index = np.zeros((result.height // 8, result.width // 8), int)
    index[10:30, 10:30], index[10:30, 40:60] = 1, 2
    nothing = {"skeleton": False, "landmarks": False, "hidden": False, "mask": True}
    pixels = drawn(painter, result, index=index.ravel().tolist(), **nothing)
    colors = painter.evaluate("vitruvian.info.style.person_colors")
    ground = ramp(result.width, result.height).astype(int)
    for place, x in enumerate((160, 400)):
        expected = ground[160, x] + (np.array(colors[place]) - ground[160, x]) * 76 / 255
        assert_allclose(pixels[160, x], expected, atol=3)
    assert_allclose(pixels[300, 160], ground[300, 160], atol=1)


def pixel(page: Page, x: float, y: float) -> list[int]:
    """Return the colour of the panel's canvas at a point of the panel."""
    return page.evaluate(
        """async ([x, y]) => {
          const canvas = document.querySelector("#picture canvas");
          for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
          return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
        }""",
        [x, y],
    )


@pytest.fixture
def picture(page: Page, result: PoseResult) -> dict[str, float]:
    """The place of the picture panel on the page, with a picture and no overlay."""
    page.set_viewport_size(SIZE)
    show(page, [replace(result, poses=()).to_dict(extras=False)])
    return box_of(page, "#picture canvas")


def test_wheel_zooms_at_the_pointer(page: Page, picture: dict[str, float]) -> None:
    x, y = picture["width"] * 0.4, picture["height"] * 0.45
    before = pixel(page, x, y)
    page.mouse.move(picture["x"] + x, picture["y"] + y)
    for _ in range(4):
        page.mouse.wheel(0, -300)
    until(page, "parseInt(document.querySelector('#picture-tools .number').textContent) > 200")
    assert_allclose(pixel(page, x, y), before, atol=4)
    assert np.abs(np.subtract(pixel(page, x + 80, y), before)).max() < 40


def test_drag_moves_and_double_click_fits(page: Page, picture: dict[str, float]) -> None:
    x, y = picture["width"] / 2, picture["height"] / 2
    fitted = pixel(page, x, y)
    page.mouse.dblclick(picture["x"] + x, picture["y"] + y)
    near = pixel(page, x + 60, y + 40)
    assert_allclose(pixel(page, x, y), fitted, atol=4)
    page.mouse.move(picture["x"] + x, picture["y"] + y)
    page.mouse.down()
    page.mouse.move(picture["x"] + x + 60, picture["y"] + y + 40)
    page.mouse.up()
    assert_allclose(pixel(page, x + 60, y + 40), fitted, atol=4)
    assert np.abs(np.subtract(near, fitted)).max() > 5
    page.mouse.dblclick(picture["x"] + x, picture["y"] + y)
    assert_allclose(pixel(page, x, y), fitted, atol=4)


def test_two_fingers_zoom(page: Page, picture: dict[str, float]) -> None:
    x, y = picture["width"] / 2, picture["height"] / 2
    before = pixel(page, x, y)
    fingers = page.context.new_cdp_session(page)
    for kind, spread in [
        ("touchStart", 40),
        ("touchMove", 80),
        ("touchMove", 160),
        ("touchEnd", 0),
    ]:
        points = [{"x": picture["x"] + x + s, "y": picture["y"] + y} for s in (-spread, spread)]
        touches = points if spread else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    assert_allclose(pixel(page, x, y), before, atol=4)
    assert np.abs(np.subtract(pixel(page, x + 80, y), before)).max() < 30


def test_mirror_button_mirrors_the_panel(page: Page, picture: dict[str, float]) -> None:
    x, y = picture["width"] * 0.4, picture["height"] / 2
    before = pixel(page, picture["width"] - x, y)
    page.get_by_role("button", name="Mirror").click()
    assert_allclose(pixel(page, x, y), before, atol=4)


def test_picture_is_sharp_on_a_fine_screen(
    browser: Browser, server: StudioServer, result: PoseResult
) -> None:
    with guarded_page(browser, server, viewport=SIZE, device_scale_factor=2) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        show(page, [result.to_dict(extras=False)], paint=False)
        width, shown = page.evaluate(
            "(({ width, clientWidth }) => [width, clientWidth])"
            "(document.querySelector('#picture canvas'))"
        )
        assert width == 2 * shown


def test_results_without_a_picture_stand_on_a_plain_ground(
    painter: Page, result: PoseResult
) -> None:
    pixels = drawn(painter, result, paint=False, skeleton=False, landmarks=False, hidden=False)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) == 1


def test_landmark_under_the_pointer_is_named_and_marked(page: Page, result: PoseResult) -> None:
    page.set_viewport_size(SIZE)
    show(page, [result.to_dict(extras=False)])
    x, y = result.poses[0].landmarks[25, :2].tolist()
    box = box_of(page, "#picture canvas")
    scale = min(box["width"] / result.width, box["height"] / result.height)
    left = (box["width"] - result.width * scale) / 2
    top = (box["height"] - result.height * scale) / 2
    page.mouse.move(box["x"] + left + x * scale, box["y"] + top + y * scale)
    assert "left knee" in page.locator("#picture .tip").inner_text()
    assert page.evaluate("vitruvian.store.state.highlight") == 25
    page.mouse.move(5, 5)
    until(page, "vitruvian.store.state.highlight === null")
