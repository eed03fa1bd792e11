/** Keys: what each key does, and the dialog that lists them. */

import { byId, element } from "./app.js";
import { button } from "./controls.js";
import { toggleFullScreen } from "./picture_panel.js";

/** @import { App } from "./app.js" */

/**
 * Keys as in `KeyboardEvent.key`, with "Shift+" before, more than one with a space between; what they
 * do in words; and what does it, if not the focused panel itself.
 * @typedef {[string, string, ((app: App) => unknown)?]} Key
 */

const SECOND_US = 1_000_000;

/** @param {"skeleton"|"landmarks"|"hidden"|"box"|"roi"|"score"|"ids"|"mask"|"fps"|"xyz"|"grid"|"trail"} name
 * @returns {(app: App) => void} */
const flip = (name) => ({ store }) => store.setSettings({ [name]: !store.state.settings[name] });

/** @param {"front"|"side"|"top"|"reset"} preset @returns {(app: App) => void} */
const view = (preset) => ({ actions }) => actions.view3d(preset);

/** @param {number} by_us @returns {(app: App) => unknown} */
const jump = (by_us) => ({ actions, store }) => actions.seek(Math.max(store.state.time_us + by_us, 0));

/** @type {Record<string, Key[]>} */
const KEYS = {
  Time: [
    ["Space", "Play or pause", ({ actions }) => actions.togglePlay()],
    ["ArrowLeft", "Frame back", ({ actions }) => actions.step(-1)],
    ["ArrowRight", "Frame forward", ({ actions }) => actions.step(1)],
    ["Shift+ArrowLeft", "Second back", jump(-SECOND_US)],
    ["Shift+ArrowRight", "Second forward", jump(SECOND_US)],
    ["Home", "To the start", jump(-Infinity)],
    ["End", "To the end", jump(Infinity)],
    ["[", "Loop starts here", ({ actions }) => actions.loopStart()],
    ["]", "Loop ends here", ({ actions }) => actions.loopEnd()],
  ],
  Overlay: [
    ["k", "Skeleton", flip("skeleton")], ["l", "Landmarks", flip("landmarks")],
    ["h", "Hidden landmarks", flip("hidden")], ["i", "IDs", flip("ids")], ["s", "Score", flip("score")],
    ["b", "Box", flip("box")], ["r", "Region", flip("roi")], ["m", "Mask", flip("mask")],
    ["f", "Frames per second", flip("fps")], ["x", "Place in camera space", flip("xyz")],
  ],
  "3D": [
    ["v", "World, image or mixed", nextSpace],
    ["1", "From the front", view("front")], ["2", "From the side", view("side")],
    ["3", "From above", view("top")], ["0", "As at the start", view("reset")],
    ["g", "Grid", flip("grid")], ["t", "Trail", flip("trail")], ["o", "Oscillate", oscillate],
  ],
  "3D, while it has the focus": [
    ["ArrowLeft ArrowRight", "Turn"],
    ["Shift+ArrowLeft Shift+ArrowRight", "Next of eight views"],
    ["ArrowUp ArrowDown", "Tilt; speed while it turns by itself"],
    ["+ -", "Zoom"], ["o", "Oscillate"], ["r", "Rotate"], ["s", "Stop"],
  ],
  Page: [
    ["Shift+R", "Record", ({ actions }) => actions.record()],
    ["p", "Snapshot", ({ actions }) => actions.snapshot()],
    ["e", "Export", () => byId("export").hidden || byId("menu-export").togglePopover()],
    ["Shift+F", "Picture on the full screen", () => toggleFullScreen(byId("picture-panel"))],
    ["?", "This list", showHelp],
  ],
};

/** @type {Record<string, string>} */
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const FIELDS = "input:not([type=checkbox], [type=range], [type=radio]), select, textarea, dialog, [popover]";
const ARROW_USERS = "[role=separator], [type=range], [type=radio]";

/** @param {App} app */
function nextSpace({ store }) {
  const next = /** @type {const} */ ({ world: "image", image: "mixed", mixed: "world" });
  store.setSettings({ space: next[store.state.settings.space] });
}

/** @param {App} app */
function oscillate({ store }) {
  store.setSettings({ spin: store.state.settings.spin === "off" ? "oscillate" : "off" });
}

/** @param {App} app */
export function mount(app) {
  document.body.append(helpDialog(app.info.version));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focus = event.target instanceof Element ? event.target : document.body;
    if (focus.closest(FIELDS)) return;
    if (event.key.startsWith("Arrow") && focus.closest(ARROW_USERS)) return;
    if (event.key === " " && focus.closest("button, summary, a, input")) return; // it presses them
    const groups = app.store.state.mode === "empty" ? [KEYS.Page] : Object.values(KEYS);
    const run = groups.flat().find(([keys, , act]) => act && keys === pressed(event))?.[2];
    if (!run) return;
    event.preventDefault();
    run(app);
  });
}

/** The key with "Shift+" before it, unless that makes another sign. @param {KeyboardEvent} event */
function pressed({ key, shiftKey }) {
  const name = key === " " ? "Space" : key;
  if (/^[a-z]$/i.test(name)) return shiftKey ? `Shift+${name.toUpperCase()}` : name.toLowerCase();
  return shiftKey && name.length > 1 ? `Shift+${name}` : name;
}

/** @param {string} version */
function helpDialog(version) {
  const lists = Object.entries(KEYS).map(([group, keys]) => element("section", {}, element("h3", {}, group),
    element("dl", {}, ...keys.flatMap(([names, text]) => [element("dt", {}, ...caps(names)), element("dd", {}, text)]))));
  const dialog = element("dialog", { id: "help", "aria-labelledby": "help-title" },
    element("header", {}, element("h2", { id: "help-title" }, "Keys"), button("close", "Close", () => dialog.close())),
    element("div", { class: "columns" }, ...lists),
    element("p", { class: "muted" }, `Vitruvian ${version}. Drag to turn the 3D view, drag and wheel to move and zoom the picture.`));
  return dialog;
}

/** @param {string} keys */
const caps = (keys) => keys.split(" ").flatMap((each) => (each === "+" ? ["+"] : each.split("+")))
  .map((key) => element("kbd", {}, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)));

export function showHelp() {
  /** @type {HTMLDialogElement} */ (byId("help")).showModal();
}
