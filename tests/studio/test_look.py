"""The page as users find it: accessibility, keyboard, sizes, themes, settings, menus, messages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.studio.conftest import guarded_page
from tests.studio.show import box_of, show, until
from tests.studio.stick_figure import results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from vitruvian.studio.server import StudioServer

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "tablet": {"width": 1024, "height": 768},
    "phone": PHONE,
}
TABS = ["Picture", "3D", "Angles", "Numbers", "Settings"]

AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const told = ({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ""}`;
  return violations.map(({ id, impact, nodes }) =>
    `${impact} ${id}: ${nodes.map(told).join(" | ")}`);
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    folder = os.environ.get("VITRUVIAN_NODE_MODULES", "")
    path = Path(folder) / "axe-core" / "axe.min.js"
    if not folder or not path.is_file():
        pytest.skip("needs axe-core: npm install axe-core, and VITRUVIAN_NODE_MODULES")
    return path.read_text()


@pytest.fixture
def opened(
    browser: Browser, server: StudioServer, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page at a size (desk, tablet, phone), in a theme (light, dark)."""
    size, theme = getattr(request, "param", ("desk", "light"))
    with guarded_page(browser, server, viewport=SIZES[size], color_scheme=theme) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        yield page


@pytest.mark.parametrize("opened", [("desk", "light"), ("desk", "dark")], indirect=True)
def test_every_view_is_accessible(opened: Page, axe: str) -> None:
    opened.evaluate(axe)
    found: dict[str, list[str]] = {"empty": opened.evaluate(AXE)}
    opened.keyboard.press("?")
    found["help"] = opened.evaluate(AXE)
    opened.keyboard.press("Escape")
    opened.get_by_role("button", name="Open", exact=True).click()
    found["source"] = opened.evaluate(AXE)
    opened.keyboard.press("Escape")
    show(opened, results(3), "live")
    opened.evaluate("vitruvian.tell('The camera is busy.', 'Close the other program.', 'error')")
    found["live"] = opened.evaluate(AXE)
    show(opened, results(3), "recorded")
    found["recorded"] = opened.evaluate(AXE)
    opened.get_by_role("button", name="Export").click()
    found["export"] = opened.evaluate(AXE)
    assert {view: told for view, told in found.items() if told} == {}


@pytest.mark.parametrize("opened", [("phone", "light"), ("phone", "dark")], indirect=True)
def test_every_tab_of_a_phone_is_accessible(opened: Page, axe: str) -> None:
    opened.evaluate(axe)
    found = {"empty": opened.evaluate(AXE)}
    show(opened, results(1), "live")
    for tab in TABS:
        opened.get_by_role("button", name=tab, exact=True).click()
        found[tab] = opened.evaluate(AXE)
    assert {view: told for view, told in found.items() if told} == {}


@pytest.mark.parametrize("opened", [("phone", "light"), ("tablet", "light")], indirect=True)
def test_nothing_is_wider_than_the_screen(opened: Page) -> None:
    outside = """() => [...document.querySelectorAll("body *")].filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      const isClipped = each.closest("[popover], table, .sr, svg, .scene-labels");
      return width && !isClipped && (left < -1 || right > innerWidth + 1);
    }).map((each) => each.outerHTML.slice(0, 100))"""
    width = opened.viewport_size["width"]  # type: ignore[index] # it was given
    seen = {"empty": opened.evaluate(outside)}
    show(opened, results(3), "recorded")
    for tab in TABS if width < 900 else ["all"]:
        if width < 900:
            opened.get_by_role("button", name=tab, exact=True).click()
        assert opened.evaluate("document.scrollingElement.scrollWidth") <= width
        seen[tab] = opened.evaluate(outside)
    assert {view: told for view, told in seen.items() if told} == {}


@pytest.mark.parametrize("opened", [("phone", "light")], indirect=True)
def test_phone_shows_picture_and_counter_first(opened: Page) -> None:
    show(opened, results(1), "live")
    picture = opened.locator("#picture canvas").bounding_box()
    assert picture is not None
    assert picture["height"] > 0.5 * PHONE["height"]
    assert opened.locator("#repetitions").is_visible()
    assert not opened.locator("#scene").is_visible()


@pytest.mark.parametrize("opened", [("desk", "light"), ("tablet", "light")], indirect=True)
def test_panels_stand_beside_each_other(opened: Page) -> None:
    show(opened, results(1), "recorded")
    boxes = {
        name: opened.locator(f"#{name}-panel").bounding_box()
        for name in ("picture", "scene", "charts", "numbers")
    }
    assert all(box and box["width"] >= 300 and box["height"] >= 150 for box in boxes.values()), (
        boxes
    )
    assert boxes["picture"]["y"] == boxes["scene"]["y"] < boxes["charts"]["y"]


TOUR = """() => {
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });
  const controls = "a[href], button, select, input, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(controls)];
  const names = new Set();
  for (const each of all) {
    if (!isSeen(each) || each.disabled || each.tabIndex < 0) continue;
    each.dataset.tour = each.type === "radio" ? `radio ${each.name}` : String(names.size);
    names.add(each.dataset.tour);
  }
  return [...names].sort();
}"""
FOCUSED = """() => {
  const at = document.activeElement;
  const { outlineStyle } = getComputedStyle(at.type === "radio" ? at.nextElementSibling : at);
  const isMarked = outlineStyle !== "none" || at.matches(".divider");
  return [at.dataset.tour ?? at.tagName, isMarked, at.outerHTML.slice(0, 90)];
}"""


@pytest.mark.parametrize("mode", ["empty", "recorded"])
def test_tab_key_reaches_every_control_and_shows_where_it_is(opened: Page, mode: str) -> None:
    if mode != "empty":
        show(opened, results(2), mode)
    wanted = set(opened.evaluate(TOUR))
    reached: set[str] = set()
    for _ in range(len(wanted) + 20):
        opened.keyboard.press("Tab")
        name, is_marked, html = opened.evaluate(FOCUSED)
        if name == "BODY":
            break
        assert is_marked, html
        reached.add(name)
    missed = sorted(wanted - reached)
    assert [
        opened.locator(f"[data-tour='{name}']").evaluate("e => e.outerHTML") for name in missed
    ] == []


def test_whole_tour_by_keyboard(opened: Page) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the picture"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main"
    opened.keyboard.press("?")
    assert opened.get_by_role("dialog", name="Keys").is_visible()
    opened.keyboard.press("Escape")
    assert opened.get_by_role("dialog").count() == 0
    opened.locator("#source").focus()
    opened.keyboard.press("Enter")
    until(opened, "document.activeElement.textContent === 'Use this camera'")
    opened.keyboard.press("ArrowDown")
    assert opened.evaluate("document.activeElement.textContent") == "Open a file…"
    opened.keyboard.press("Escape")
    assert opened.evaluate("document.activeElement.id") == "source"
    show(opened, results(1), "recorded")
    opened.keyboard.press("e")
    assert opened.locator("#menu-export").is_visible()
    opened.keyboard.press("Escape")
    divider = opened.get_by_role("separator", name="Width of the picture")
    width = box_of(opened, "#picture-panel")["width"]
    divider.focus()
    opened.keyboard.press("ArrowLeft")
    assert box_of(opened, "#picture-panel")["width"] < width
    opened.get_by_role("button", name="Show or hide the settings").focus()
    opened.keyboard.press("Space")
    assert not opened.locator("#sidebar").is_visible()


SWITCHES = {
    "k": "skeleton", "l": "landmarks", "h": "hidden", "i": "ids", "s": "score", "b": "box",
    "r": "roi", "m": "mask", "f": "fps", "x": "xyz", "g": "grid", "t": "trail",
}  # fmt: skip


def test_keys_switch_settings(page: Page) -> None:
    show(page, results(1), "live")
    before = page.evaluate("vitruvian.store.state.settings")
    for key in SWITCHES:
        page.keyboard.press(key)
    after = page.evaluate("vitruvian.store.state.settings")
    switched = {name for name in before if before[name] != after[name]}
    assert switched == set(SWITCHES.values())


def test_keys_call_the_actions(page: Page) -> None:
    show(page, results(3), "recorded")
    page.evaluate(
        """() => { window.called = []; for (const name of Object.keys(vitruvian.actions))
          vitruvian.actions[name] = (...values) => void window.called.push([name, ...values]); }"""
    )
    keys = [
        "Space",
        "ArrowLeft",
        "ArrowRight",
        "Shift+ArrowRight",
        "Home",
        "End",
        "[",
        "]",
        "Shift+R",
        "p",
        "1",
    ]
    for key in keys:
        page.keyboard.press(key)
    now, end = results(3)[-1]["timestamp_us"], float("inf")
    assert page.evaluate("called") == [
        ["togglePlay"], ["step", -1], ["step", 1], ["seek", now + 1e6], ["seek", 0], ["seek", end],
        ["loopStart"], ["loopEnd"], ["record"], ["snapshot"], ["view3d", "front"],
    ]  # fmt: skip


def test_keys_do_nothing_in_a_field(page: Page) -> None:
    show(page, results(1), "live")
    page.get_by_label("People to find at most").focus()
    page.keyboard.press("k")
    assert page.evaluate("vitruvian.store.state.settings.skeleton") is True


def test_settings_are_kept_for_the_next_visit(page: Page) -> None:
    show(page, results(1), "live")
    page.get_by_role("switch", name="Box").check()
    page.get_by_label("Minimum visibility").fill("0.8")
    page.get_by_role("button", name="Theme").click()
    page.reload()
    page.wait_for_selector("html[data-state=ready]")
    settings = page.evaluate("vitruvian.store.state.settings")
    assert (settings["box"], settings["minVisibility"], settings["theme"]) == (True, 0.8, "light")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    show(page, results(1), "live")
    page.get_by_role("button", name="Reset to defaults").click()
    assert page.get_by_role("switch", name="Box").is_checked() is False


def test_broken_settings_of_the_last_visit_are_ignored(page: Page) -> None:
    for kept in ("{", '{"box": "yes", "skeleton": false, "unknown": 1}'):
        page.evaluate("(kept) => localStorage.setItem('vitruvian.settings', kept)", kept)
        page.reload()
        page.wait_for_selector("html[data-state=ready]")
    settings = page.evaluate("vitruvian.store.state.settings")
    assert (settings["box"], settings["skeleton"]) == (False, False)
    assert "unknown" not in settings


def test_theme_changes_the_colors(page: Page) -> None:
    shade = "getComputedStyle(document.querySelector('#toolbar')).backgroundColor"
    for theme, color in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 28)")]:
        page.evaluate("(theme) => vitruvian.store.setSettings({ theme })", theme)
        assert page.evaluate(shade) == color


def test_errors_stay_until_they_are_closed(page: Page) -> None:
    page.evaluate("vitruvian.tell('The camera is busy.', 'Close the other program.', 'error')")
    page.evaluate("vitruvian.tell('The camera is busy.', 'Close the other program.', 'error')")
    alert = page.get_by_role("alert")
    assert alert.count() == 1
    assert "Close the other program." in alert.inner_text()
    page.get_by_role("button", name="Close this message").click()
    assert alert.count() == 0


def test_number_of_people_is_told_to_screen_readers(page: Page) -> None:
    told = page.locator("#picture .sr[role=status]")
    for n, text in [(3, "3 people in view"), (1, "1 person in view"), (0, "Nobody in view")]:
        show(page, results(1, people=n), "live")
        assert told.inner_text() == text


def test_export_menu_has_every_format_once(page: Page) -> None:
    show(page, results(1), "recorded")
    page.get_by_role("button", name="Export").click()
    formats: list[dict[str, Any]] = page.evaluate("vitruvian.info.formats")
    items = page.locator("#menu-export button")
    assert items.count() == len(formats)
    assert page.locator("#menu-export button:disabled").count() == sum(
        not f["is_available"] for f in formats
    )
    assert page.locator("#menu-export h2").count() >= 4


def test_toolbar_changes_model_and_people(page: Page) -> None:
    page.evaluate(
        "window.called = {};"
        "vitruvian.actions.setOptions = async (some) => void Object.assign(called, some)"
    )
    page.get_by_role("radio", name="lite").check(force=True)
    page.get_by_label("People to find at most").select_option("3")
    assert page.evaluate("called") == {"model": "lite", "num_poses": 3}


def test_masks_are_computed_when_they_are_to_be_seen(page: Page) -> None:
    show(page, results(1), "live")
    page.evaluate(
        "vitruvian.actions.setOptions = async (changed) => void (window.called = changed)"
    )
    page.keyboard.press("m")
    assert page.evaluate("called") == {"segmentation": True}
    page.evaluate("vitruvian.store.set({ options: { segmentation: true } })")
    page.keyboard.press("m")
    assert page.evaluate("called") == {"segmentation": False}


def test_file_with_masks_is_not_tracked_again_when_they_are_shown_or_hidden(page: Page) -> None:
    show(page, results(1), "recorded")
    page.evaluate(
        """() => {
          window.called = 0;
          vitruvian.actions.setOptions = async () => void called++;
          const options = { segmentation: true };
          const numbers = { n_done: 1, n_total: 1, fps: 1, seconds_left: 0, error: null };
          vitruvian.store.set({ job: { id: "x", file: "x", state: "done", options, ...numbers } });
        }"""
    )
    for wanted in (True, False, True):
        page.keyboard.press("m")
        assert page.evaluate("vitruvian.store.state.options.segmentation") is wanted
    assert page.evaluate("called") == 0


def test_positions_in_metres_can_be_asked_for(page: Page) -> None:
    show(page, results(1), "live")
    page.evaluate(
        "vitruvian.actions.setOptions = async (changed) => void (window.called = changed)"
    )
    page.get_by_role("switch", name="Positions in metres").check()
    assert page.evaluate("called") == {"camera_space": True}


def test_demo_clip_starts_by_one_button(page: Page) -> None:
    page.evaluate(
        """() => {
          window.called = "";
          vitruvian.engine.track = async (file) => {
            called = file.name;
            throw new DOMException("", "AbortError");
          };
        }"""
    )
    page.get_by_role("button", name="Try the demo clip").click()
    until(page, "called && vitruvian.store.state.frameTimes_us")
    assert page.evaluate("[called, vitruvian.store.state.title]") == ["demo.mp4", "demo.mp4"]
    page.evaluate("vitruvian.actions.close()")


def test_first_page_has_the_ways_to_start(page: Page) -> None:
    assert page.get_by_role("heading", level=1).count() == 1
    start = page.locator("#start")
    assert start.get_by_role("button", name="Use this camera").is_visible()
    with page.expect_file_chooser():
        start.get_by_role("button", name="Open a file").click()
    show(page, results(1), "live")
    assert not start.is_visible()


@pytest.mark.parametrize(
    ("kind", "panel"), [("image", "#repetitions"), ("results", "#tracking-settings")]
)
def test_what_a_file_cannot_have_is_not_shown(page: Page, kind: str, panel: str) -> None:
    show(page, results(1), "recorded")
    assert page.locator(panel).is_visible()
    page.evaluate("(kind) => vitruvian.store.set({ file: { kind } })", kind)
    assert not page.locator(panel).is_visible()
