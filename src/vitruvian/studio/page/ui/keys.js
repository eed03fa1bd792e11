/** Keys: what each key does, and the dialog that lists them. */

import { byId, element } from "./app.js";
import { button } from "./controls.js";
import { toggleFullScreen } from "./picture_panel.js";

const SECOND_US = 1_000_000;

/**
 * @typedef {object} Key
 * @property {string} group
 * @property {string} keys as in `KeyboardEvent.key`, with "Shift+" before; more than one with a space between
 * @property {string} text
 * @property {(app: import("./app.js").App) => void} [run]
 */

/** @param {"skeleton"|"landmarks"|"hidden"|"box"|"roi"|"score"|"ids"|"mask"|"fps"|"xyz"|"mirror"|"grid"|"trail"} name */
const flip = (name) => (/** @type {import("./app.js").App} */ { store }) =>
  store.setSettings({ [name]: !store.state.settings[name] });

/** What `scene_view.js` does itself. @param {string} keys @param {string} text @returns {Key[]} */
const inScene = (keys, text) => [{ group: "3D, while it has the focus", keys, text }];

/** @type {Key[]} */
export const KEYS = [
  { group: "Time", keys: "Space", text: "Play or pause", run: (app) => app.actions.togglePlay() },
  { group: "Time", keys: "ArrowLeft", text: "Frame back", run: (app) => app.actions.step(-1) },
  { group: "Time", keys: "ArrowRight", text: "Frame forward", run: (app) => app.actions.step(1) },
  { group: "Time", keys: "Shift+ArrowLeft", text: "Second back", run: (app) => seek(app, app.store.state.time_us - SECOND_US) },
  { group: "Time", keys: "Shift+ArrowRight", text: "Second forward", run: (app) => seek(app, app.store.state.time_us + SECOND_US) },
  { group: "Time", keys: "Home", text: "To the start", run: (app) => seek(app, 0) },
  { group: "Time", keys: "End", text: "To the end", run: (app) => seek(app, Infinity) },
  { group: "Time", keys: "[", text: "Loop starts here", run: (app) => app.actions.loopStart() },
  { group: "Time", keys: "]", text: "Loop ends here", run: (app) => app.actions.loopEnd() },
  { group: "Overlay", keys: "k", text: "Skeleton", run: flip("skeleton") },
  { group: "Overlay", keys: "l", text: "Landmarks", run: flip("landmarks") },
  { group: "Overlay", keys: "h", text: "Hidden landmarks", run: flip("hidden") },
  { group: "Overlay", keys: "i", text: "IDs", run: flip("ids") },
  { group: "Overlay", keys: "s", text: "Score", run: flip("score") },
  { group: "Overlay", keys: "b", text: "Box", run: flip("box") },
  { group: "Overlay", keys: "r", text: "Region", run: flip("roi") },
  { group: "Overlay", keys: "m", text: "Mask", run: flip("mask") },
  { group: "Overlay", keys: "f", text: "Frames per second", run: flip("fps") },
  { group: "Overlay", keys: "x", text: "Place in camera space", run: flip("xyz") },
  { group: "3D", keys: "v", text: "World, image or mixed", run: ({ store }) => store.setSettings({ space: NEXT_SPACE[store.state.settings.space] }) },
  { group: "3D", keys: "1", text: "From the front", run: (app) => app.actions.view3d("front") },
  { group: "3D", keys: "2", text: "From the side", run: (app) => app.actions.view3d("side") },
  { group: "3D", keys: "3", text: "From above", run: (app) => app.actions.view3d("top") },
  { group: "3D", keys: "0", text: "As at the start", run: (app) => app.actions.view3d("reset") },
  { group: "3D", keys: "g", text: "Grid", run: flip("grid") },
  { group: "3D", keys: "t", text: "Trail", run: flip("trail") },
  { group: "3D", keys: "o", text: "Oscillate", run: ({ store }) => store.setSettings({ spin: store.state.settings.spin === "off" ? "oscillate" : "off" }) },
  ...inScene("ArrowLeft ArrowRight", "Turn"),
  ...inScene("Shift+ArrowLeft Shift+ArrowRight", "Next of eight views"),
  ...inScene("ArrowUp ArrowDown", "Tilt; speed while it turns by itself"),
  ...inScene("+ -", "Zoom"),
  ...inScene("o", "Oscillate"),
  ...inScene("r", "Rotate"),
  ...inScene("s", "Stop"),
  { group: "Page", keys: "Shift+R", text: "Record", run: (app) => void app.actions.record() },
  { group: "Page", keys: "p", text: "Snapshot", run: (app) => void app.actions.snapshot() },
  { group: "Page", keys: "e", text: "Export", run: () => byId("export").hidden || byId("menu-export").togglePopover() },
  { group: "Page", keys: "Shift+F", text: "Picture on the full screen", run: () => toggleFullScreen(byId("picture-panel")) },
  { group: "Page", keys: "?", text: "This list", run: () => showHelp() },
];

/** @type {Record<string, import("./types.js").Settings["space"]>} */
const NEXT_SPACE = { world: "image", image: "mixed", mixed: "world" };
/** @type {Record<string, string>} */
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Space: "Space" };

/** @param {import("./app.js").App} app @param {number} time_us */
function seek(app, time_us) {
  const last = app.store.state.frameTimes_us?.at(-1) ?? app.history.results.at(-1)?.timestamp_us ?? 0;
  app.actions.seek(Math.min(Math.max(time_us, 0), last));
}

/** @param {import("./app.js").App} app */
export function mount(app) {
  document.body.append(helpDialog(app));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focus = event.target instanceof Element ? event.target : document.body;
    if (focus.closest("input:not([type=checkbox], [type=range]), select, textarea, dialog, [popover], [contenteditable]")) return;
    if (focus.closest("[role=slider], [type=range], [role=tab], [role=separator]") && event.key.startsWith("Arrow")) return;
    if (event.key === " " && focus.closest("button, summary, a, input")) return; // it presses them
    const key = KEYS.find(({ keys, run }) => run && keys === pressed(event));
    if (!key?.run || (app.store.state.mode === "empty" && key.group !== "Page")) return;
    event.preventDefault();
    key.run(app);
  });
}

/** The key with "Shift+" before it, unless that makes another sign. @param {KeyboardEvent} event */
function pressed({ key, shiftKey }) {
  const name = key === " " ? "Space" : key;
  if (/^[a-z]$/i.test(name)) return shiftKey ? `Shift+${name.toUpperCase()}` : name.toLowerCase();
  return shiftKey && name.length > 1 ? `Shift+${name}` : name;
}

/** @param {import("./app.js").App} app */
function helpDialog(app) {
  const groups = [...new Set(KEYS.map((key) => key.group))];
  const lists = groups.map((group) => element("section", {}, element("h3", {}, group), element("dl", {}, ...KEYS
    .filter((key) => key.group === group)
    .flatMap(({ keys, text }) => [element("dt", {}, ...caps(keys)), element("dd", {}, text)]))));
  const dialog = element("dialog", { id: "help", "aria-labelledby": "help-title" },
    element("header", {}, element("h2", { id: "help-title" }, "Keys"), button("close", "Close", () => dialog.close())),
    element("div", { class: "columns" }, ...lists),
    element("p", { class: "muted" }, `Vitruvian ${app.info.version}. Drag to turn the 3D view, drag and wheel to move and zoom the picture.`));
  return dialog;
}

/** @param {string} keys */
const caps = (keys) => keys.split(" ").flatMap((each) => (each === "+" ? ["+"] : each.split("+")))
  .map((key) => element("kbd", {}, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)));

export function showHelp() {
  /** @type {HTMLDialogElement} */ (byId("help")).showModal();
}
