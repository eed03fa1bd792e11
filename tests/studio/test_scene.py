"""The 3D view: what it draws, how it turns, and what it says when it can't draw."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tests.export.walkers import person, results_of
from tests.studio.conftest import guarded_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

    from vitruvian.studio.server import StudioServer

pytestmark = pytest.mark.browser

FRAMES = 30
SHOW = """async ([results, settings, color]) => {
  const app = window.vitruvian;
  const { History } = await import("/page/ui/history.js");
  const { SETTINGS } = await import("/page/ui/app.js");
  app.history = new History();
  for (const result of results) app.history.add(result);
  const result = results.at(-1);
  const image = color && new OffscreenCanvas(640, 480);
  if (image) {
    const context = image.getContext("2d");
    context.fillStyle = color;
    context.fillRect(0, 0, 640, 480);
  }
  app.store.setSettings({ ...SETTINGS, ids: false, ...settings });
  app.actions.view3d("reset");
  app.store.set({
    mode: "recorded", shown: { image: image || null, width: 640, height: 480, result },
    time_us: result.timestamp_us, historyVersion: results.length,
  });
}"""
STILL = """() => {
  const { view } = document.querySelector(".scene-stage");
  return view.nDrawn > 0 && !view.isDrawing;
}"""
VIEW = 'document.querySelector(".scene-stage").view'
SCENE = """async ([results, settings]) => {
  const { Scene } = await import("/page/ui/scene.js");
  const { History } = await import("/page/ui/history.js");
  const { SETTINGS } = await import("/page/ui/app.js");
  const history = new History();
  for (const result of results) history.add(result);
  const made = new Scene().of({
    result: results.at(-1), history, settings: { ...SETTINGS, ...settings }, paper: [0, 0, 0],
    picture: { width: 640, height: 480, hasPicture: false }, style: window.vitruvian.info.style,
  });
  const { capsules } = made.drawing;
  const ends = capsules.flatMap(({ start, end }) => [start, end]);
  return {
    space: made.space, note: made.note, target: made.target, texts: made.labels.map((l) => l.text),
    kinds: made.drawing.planes.map((plane) => plane.kind), n: capsules.length, ends,
    radii: capsules.map((capsule) => capsule.startRadius),
  };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, server: StudioServer) -> Iterator[Page]:
    """One page for all tests; each shows results of its own."""
    with guarded_page(browser, server) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        yield page


def walkers(*offsets_px: float, camera_m: float | None = None) -> list[dict[str, Any]]:
    """Return results of people beside each other, as the page gets them."""
    people = []
    for number, offset in enumerate(offsets_px):
        one = person(FRAMES, number=number)
        camera = None if camera_m is None else one.world + np.array([0, 0.2, camera_m], np.float32)
        moved = one.landmarks + np.array([offset, 0, 0], np.float32)
        people.append(replace(one, landmarks=moved, camera=camera))
    return [result.to_dict(extras=False) for result in results_of(*people)]


def show(page: Page, results: list[dict[str, Any]], color: str = "", **settings: Any) -> None:
    """Show the last result, and wait until the view rests."""
    page.evaluate(SHOW, [results, settings, color])
    page.wait_for_function(STILL)


def pixels(page: Page) -> NDArray[np.int64]:
    """Return what the view shows, (H, W, 3)."""
    page.wait_for_function(STILL)
    png = page.locator(".scene-stage canvas").screenshot()
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int64)


def n_orange(image: NDArray[np.int64]) -> int:
    red, green, blue = np.moveaxis(image, -1, 0)
    return int(((red > 120) & (green < 0.75 * red) & (blue < 0.4 * red)).sum())


def n_cyan(image: NDArray[np.int64]) -> int:
    red, green, blue = np.moveaxis(image, -1, 0)
    return int(((red < 0.5 * green) & (green > 90) & (abs(green - blue) < 40)).sum())


def scene(page: Page, results: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """Return what the view would draw for the last result."""
    made: dict[str, Any] = page.evaluate(SCENE, [results, settings])
    made["ends"] = np.array(made["ends"]).reshape(-1, 3)
    return made


def azimuth(page: Page) -> float:
    return float(page.evaluate(f"{VIEW}.orbit.now.azimuth"))


# --- what is drawn ---


def test_a_person_has_an_orange_left_and_a_cyan_right_side(page: Page) -> None:
    show(page, walkers(0))
    page.evaluate('window.vitruvian.actions.view3d("front")')
    image = pixels(page)
    assert n_orange(image) > 300
    assert n_cyan(image) > 300
    half = image.shape[1] // 2
    assert n_orange(image[:, half:]) > 5 * n_orange(image[:, :half])  # seen from the front
    assert n_cyan(image[:, :half]) > 5 * n_cyan(image[:, half:])


def test_people_have_trunks_in_their_colours(page: Page) -> None:
    show(page, walkers(-200, 0, 200))
    red, green, blue = np.moveaxis(pixels(page), -1, 0)
    assert ((blue > 110) & (blue > 1.3 * red) & (blue > 1.2 * green)).sum() > 200  # 0: blue
    assert ((red > 110) & (green > 0.8 * red) & (blue < 0.5 * red)).sum() > 200  # 1: yellow
    assert ((red > 110) & (green < 0.4 * red) & (blue > 0.4 * red)).sum() > 200  # 2: pink


def test_ids_are_labels_above_the_heads(page: Page) -> None:
    show(page, walkers(-100, 100), ids=True)
    labels = page.locator(".scene-labels .person")
    assert labels.all_inner_texts() == ["#0", "#1"]
    assert labels.first.bounding_box()["x"] < labels.last.bounding_box()["x"]


def test_the_image_space_shows_the_picture(page: Page) -> None:
    show(page, walkers(0), "rgb(200, 20, 40)")
    assert (abs(pixels(page) - [200, 20, 40]).sum(axis=-1) < 12).sum() == 0
    page.get_by_label("Image", exact=True).check(force=True)
    page.wait_for_function("() => window.vitruvian.store.state.settings.space === 'image'")
    assert (abs(pixels(page) - [200, 20, 40]).sum(axis=-1) < 12).mean() > 0.1


def test_the_theme_changes_the_background(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    show(page, walkers(0))
    assert pixels(page)[2, 2].max() < 60
    page.emulate_media(color_scheme="light")
    page.wait_for_function(STILL)
    assert pixels(page)[2, 2].min() > 200


def test_world_has_the_hips_above_the_origin_and_the_lowest_point_on_the_floor(page: Page) -> None:
    made = scene(page, walkers(150))
    assert made["ends"][:, 1].min() == pytest.approx(0, abs=1e-6)
    hips = made["ends"][made["ends"][:, 1] > 0.85].mean(axis=0)
    assert abs(hips[0]) < 0.02
    assert made["kinds"] == ["wall", "floor"]
    assert "1 m" in made["texts"]


def test_several_people_stand_apart_in_world(page: Page) -> None:
    made = scene(page, walkers(-200, 200), landmarks=False)
    width = np.ptp(made["ends"][:, 0])
    assert width == pytest.approx(2.0 + 2 * 0.26, abs=0.05)  # 400 px of 200 px a metre
    assert made["note"] == "Distances between people are estimates."


def test_mixed_places_people_as_measured_with_the_camera_as_an_arrow(page: Page) -> None:
    made = scene(page, walkers(0, camera_m=3.0), space="mixed", follow=False)
    assert made["space"] == "mixed"
    assert made["note"] == ""
    assert np.allclose(made["ends"][0], 0)  # the arrow
    assert np.median(made["ends"][4:, 2]) == pytest.approx(-3.0, abs=0.1)
    assert made["ends"][:, 1].min() == pytest.approx(-1.1, abs=0.01)
    assert "5 m" in made["texts"]


def test_mixed_without_positions_says_so_and_shows_world(page: Page) -> None:
    show(page, walkers(0), space="mixed")
    assert scene(page, walkers(0), space="mixed")["space"] == "world"
    assert "No positions from the camera" in page.locator(".scene-note").inner_text()


def test_hidden_limbs_are_thinner_or_absent(page: Page) -> None:
    results = walkers(0)
    seen = scene(page, results)
    for pose in results[-1]["poses"]:
        pose["visibility"] = [0.1] * 33
    hidden = scene(page, results)
    assert hidden["n"] == seen["n"]
    assert max(hidden["radii"]) == pytest.approx(0.6 * max(seen["radii"]))
    assert scene(page, results, hidden=False)["n"] == 0


def test_the_shoulders_are_followed_where_the_hips_are_hidden(page: Page) -> None:
    results = walkers(0, camera_m=3.0)
    at_hips = scene(page, results, space="mixed")["target"]
    for pose in results[-1]["poses"]:
        pose["visibility"][23] = 0.0
    at_shoulders = scene(page, results, space="mixed")["target"]
    assert at_hips == pytest.approx([0, -0.2, -3], abs=0.01)
    assert at_shoulders == pytest.approx([0, 0.3, -3], abs=0.01)


def test_the_chosen_person_is_followed(page: Page) -> None:
    results = walkers(-200, 200)
    middle = scene(page, results)["target"]
    followed = scene(page, results, person=1)["target"]
    assert middle[0] == pytest.approx(0, abs=0.01)
    assert followed[0] == pytest.approx(1, abs=0.05)
    assert scene(page, results, person=1, follow=False)["target"] == middle


def test_the_trail_is_the_path_of_hips_and_wrists(page: Page) -> None:
    without, with_trail = (scene(page, walkers(0), trail=trail) for trail in (False, True))
    assert with_trail["n"] - without["n"] == 3 * (FRAMES - 1)


def test_without_a_grid_there_is_no_plane(page: Page) -> None:
    made = scene(page, walkers(0), grid=False)
    assert made["kinds"] == []
    assert "1 m" not in made["texts"]


# --- how it turns ---


def test_presets_turn_the_view(page: Page) -> None:
    show(page, walkers(0))
    page.locator(".scene-stage canvas").focus()
    shots = []
    for key, angles in (
        ("1", (0, 0.1)),
        ("2", (1.571, 0.1)),
        ("3", (0, 1.57)),
        ("0", (0.45, 0.22)),
    ):
        page.keyboard.press(key)
        page.wait_for_function(STILL)
        now = page.evaluate(f"{VIEW}.orbit.now")
        assert (now["azimuth"], now["elevation"]) == pytest.approx(angles, abs=2e-3)
        shots.append(pixels(page))
    assert all(abs(a - b).mean() > 0.5 for a, b in pairwise(shots))
    titles = "views => [...views.children].map(({ title }) => title.at(-2))"
    assert page.locator(".scene-views").evaluate(titles) == ["1", "2", "3", "0"]


def test_arrow_keys_turn_by_steps_and_with_shift_to_the_next_of_eight_views(page: Page) -> None:
    show(page, walkers(0))
    page.locator(".scene-stage canvas").focus()
    before = azimuth(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(STILL)
    assert azimuth(page) == pytest.approx(before + 0.12, abs=1e-3)
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(STILL)
    assert azimuth(page) == pytest.approx(np.pi / 2, abs=1e-3)


def test_dragging_turns_and_the_wheel_zooms(page: Page) -> None:
    show(page, walkers(0))
    box = page.locator(".scene-stage canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.evaluate(f"({{...{VIEW}.orbit.now}})")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y + 20, steps=4)
    page.mouse.up()
    page.mouse.wheel(0, 100)
    page.wait_for_function(STILL)
    now = page.evaluate(f"{VIEW}.orbit.now")
    assert now["azimuth"] > before["azimuth"] + 0.1
    assert now["elevation"] > before["elevation"]
    assert now["away"] > 1.1


def test_two_fingers_zoom(page: Page) -> None:
    show(page, walkers(0))
    box = page.locator(".scene-stage canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touches = page.context.new_cdp_session(page)
    for kind, gap in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", 0)):
        points = [{"x": x + sign * gap, "y": y, "id": i} for i, sign in enumerate((-1, 1))]
        points = [] if kind == "touchEnd" else points
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(STILL)
    assert page.evaluate(f"{VIEW}.orbit.now.away") == pytest.approx(1 / 3, rel=0.1)


def test_it_oscillates_and_rotates_with_the_keys_of_depthai_blazepose(page: Page) -> None:
    show(page, walkers(0))
    page.locator(".scene-stage canvas").focus()
    page.keyboard.press("o")
    n_drawn = page.evaluate(f"{VIEW}.nDrawn")
    page.wait_for_function(f"() => {VIEW}.nDrawn > {n_drawn + 10}")
    assert abs(azimuth(page) - 0.45) <= np.radians(34.5)
    page.keyboard.press("r")
    page.wait_for_function(f"() => {VIEW}.orbit.now.azimuth > 1.3")  # beyond the oscillation
    page.keyboard.press("ArrowUp")
    assert page.evaluate("window.vitruvian.store.state.settings.spinSpeed") == 1.5
    page.keyboard.press("s")
    page.wait_for_function(STILL)


def test_without_a_graphics_card_it_leaves_the_time_to_the_live_picture(page: Page) -> None:
    show(page, walkers(0))
    assert page.evaluate(f"{VIEW}.painter.isSoftware")
    n_drawn, n_frames = page.evaluate(LIVE, walkers(0))
    assert n_drawn < n_frames / 3
    page.evaluate("window.vitruvian.store.set({ mode: 'recorded' })")
    page.wait_for_function(STILL)


# Shows results live for 1.2 s; returns how often the view and the screen were drawn meanwhile.
LIVE = f"""async (results) => {{
  const {{ store }} = window.vitruvian;
  store.set({{ mode: "live" }});
  const before = {VIEW}.nDrawn;
  let n = 0;
  for (const end = performance.now() + 1200; performance.now() < end; n++) {{
    store.set({{ shown: {{ ...store.state.shown, result: results[n % results.length] }} }});
    await new Promise(requestAnimationFrame);
  }}
  return [{VIEW}.nDrawn - before, n];
}}"""


def test_nothing_is_drawn_while_nothing_changes(page: Page) -> None:
    show(page, walkers(0))
    n_drawn = page.evaluate(f"{VIEW}.nDrawn")
    page.evaluate(
        "async () => { for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame); }"
    )
    assert page.evaluate(f"{VIEW}.nDrawn") == n_drawn


def test_it_stands_still_for_people_who_want_less_motion(
    browser: Browser, server: StudioServer
) -> None:
    with guarded_page(browser, server, reduced_motion="reduce") as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        show(page, walkers(0), spin="rotate")
        before = azimuth(page)
        page.evaluate(
            "async () => { for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame); }"
        )
        assert azimuth(page) == before


# --- without graphics ---


def test_a_lost_context_is_told_and_restored(page: Page) -> None:
    show(page, walkers(0))
    page.evaluate(f"""() => {{
      const canvas = {VIEW}.canvas;
      window.loss = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
      window.loss.loseContext();
    }}""")
    page.wait_for_selector(".scene-note:has-text('context was lost')")
    page.evaluate("window.loss.restoreContext()")
    page.wait_for_selector(".scene-note", state="hidden")
    assert n_orange(pixels(page)) > 100


def test_without_webgl_the_panel_says_so_and_the_rest_works(
    browser: Browser, server: StudioServer
) -> None:
    with guarded_page(browser, server) as page:
        page.add_init_script("""
          const original = HTMLCanvasElement.prototype.getContext;
          HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind === "webgl2" ? null : original.call(this, kind, ...rest);
          };""")
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        page.evaluate(SHOW, [walkers(0), {}, ""])
        note = page.locator(".scene-note")
        note.wait_for()
        assert "no WebGL 2" in note.inner_text()
