/** Keys: what each key does, and the dialog that lists them. */

import { byId, element } from "./app.js";
import { button } from "./controls.js";
import { toggleFullScreen } from "./picture_panel.js";

const SECOND_US = 1_000_000;

/**
 * @typedef {object} Key
 * @property {string} group
 * @property {string} keys as in `KeyboardEvent.key`, with "Shift+" before; several with a space between
 * @property {string} text
 * @property {(app: import("./app.js").App) => void} run
 * @property {boolean} [isScene] only while the 3D view has the focus
 */

/** @param {"skeleton"|"landmarks"|"hidden"|"box"|"roi"|"score"|"ids"|"mask"|"fps"|"mirror"|"grid"|"trail"} name */
const flip = (name) => (/** @type {import("./app.js").App} */ { store }) =>
  store.setSettings({ [name]: !store.state.settings[name] });

/** @param {"off"|"oscillate"|"rotate"} spin */
const turn = (spin) => (/** @type {import("./app.js").App} */ { store }) => store.setSettings({ spin });

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
  { group: "3D", keys: "v", text: "World, image or mixed", run: ({ store }) => store.setSettings({ space: NEXT_SPACE[store.state.settings.space] }) },
  { group: "3D", keys: "g", text: "Grid", run: flip("grid") },
  { group: "3D", keys: "t", text: "Trail", run: flip("trail") },
  { group: "3D", keys: "o", text: "Oscillate", run: ({ store }) => store.setSettings({ spin: store.state.settings.spin === "off" ? "oscillate" : "off" }) },
  { group: "3D, while it has the focus", keys: "o", text: "Oscillate", run: turn("oscillate"), isScene: true },
  { group: "3D, while it has the focus", keys: "r", text: "Rotate", run: turn("rotate"), isScene: true },
  { group: "3D, while it has the focus", keys: "s", text: "Stop", run: turn("off"), isScene: true },
  { group: "Page", keys: "Shift+R", text: "Record", run: (app) => void app.actions.record() },
  { group: "Page", keys: "p", text: "Snapshot", run: (app) => void app.actions.snapshot() },
  { group: "Page", keys: "e", text: "Export", run: () => byId("menu-export").togglePopover() },
  { group: "Page", keys: "Shift+F", text: "Picture on the full screen", run: () => toggleFullScreen(byId("picture-panel")) },
  { group: "Page", keys: "?", text: "This list", run: () => showHelp() },
];

/** @type {Record<string, import("./types.js").Settings["space"]>} */
const NEXT_SPACE = { world: "image", image: "mixed", mixed: "world" };
/** @type {Record<string, string>} */
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Space: "Space" };

/** @param {import("./app.js").App} app @param {number} time_us */
function seek(app, time_us) {
  const last = app.history.results.at(-1)?.timestamp_us ?? 0;
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
    const key = found(event, Boolean(focus.closest("#scene")));
    if (!key || (app.store.state.mode === "empty" && key.group !== "Page")) return;
    event.preventDefault();
    key.run(app);
  });
}

/** @param {KeyboardEvent} event @param {boolean} isScene */
function found(event, isScene) {
  const name = event.key === " " ? "Space" : event.key;
  const isLetter = /^[a-z]$/i.test(name);
  const shift = event.shiftKey && (isLetter || name.length > 1) ? "Shift+" : "";
  const pressed = shift + (isLetter ? (event.shiftKey ? name.toUpperCase() : name.toLowerCase()) : name);
  const fits = KEYS.filter((key) => key.keys === pressed && (isScene || !key.isScene));
  return fits.find((key) => Boolean(key.isScene) === isScene) ?? fits[0];
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
const caps = (keys) => keys.split("+").map((key) => element("kbd", {}, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)));

export function showHelp() {
  /** @type {HTMLDialogElement} */ (byId("help")).showModal();
}
