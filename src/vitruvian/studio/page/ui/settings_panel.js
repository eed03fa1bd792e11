/** Settings panel: what the overlay shows, how people are tracked; both kept for the next visit. */

import { SETTINGS, byId, element } from "./app.js";
import { button, segmented, toggle } from "./controls.js";

const PLACE = "vitruvian.settings";
const OF_A_SOURCE = ["person", "mirror", "mask"]; // not kept

/** @type {[keyof import("./types.js").Settings, string, string][]} */
const SWITCHES = [
  ["skeleton", "Skeleton", "K"], ["landmarks", "Landmarks", "L"], ["hidden", "Hidden", "H"], ["ids", "IDs", "I"],
  ["score", "Score", "S"], ["box", "Box", "B"], ["roi", "Region", "R"], ["mask", "Mask", "M"],
];

/** @param {import("./app.js").App} app */
export function mount(app) {
  const { store, info, actions } = app;
  store.setSettings(loaded());
  const updates = [overlaySettings(app), trackingSettings(app)];
  const update = () => updates.forEach((each) => each());
  store.on(["settings", "options", "mode"], update);
  store.on(["settings"], () => saved(store.state.settings));
  byId("tracking-settings").append(button("", "Reset to defaults", () => {
    store.setSettings({ ...SETTINGS, minVisibility: info.style.min_visibility });
    const { smoothing, profile, segmentation } = info.defaults;
    if (store.state.mode !== "empty") actions.setOptions({ smoothing, profile, segmentation });
  }, { class: "wide", isShown: true }));
  update();
}

/** @param {import("./app.js").App} app */
function overlaySettings({ store, actions }) {
  const made = SWITCHES.map(([name, text, key]) => ({ name, ...toggle(text, (on) => store.setSettings({ [name]: on }), `Key ${key}`) }));
  let hadMask = false;
  const threshold = slider("Minimum visibility", (value) => store.setSettings({ minVisibility: value }));
  byId("overlay-settings").append(element("div", { class: "grid-2" }, ...made.map(({ label }) => label)), threshold.row);
  return () => {
    const { settings, options, mode } = store.state;
    const isNew = settings.mask && !hadMask;
    hadMask = settings.mask;
    if (isNew && mode !== "empty" && !options.segmentation) actions.setOptions({ segmentation: true });
    for (const { name, input } of made) input.checked = Boolean(settings[name]);
    threshold.show(settings.minVisibility);
  };
}

/** @param {import("./app.js").App} app */
function trackingSettings({ store, info, actions }) {
  const smoothing = slider("Smoothing", () => {}, (value) => actions.setOptions({ smoothing: value }));
  const masks = toggle("Compute masks", (on) => actions.setOptions({ segmentation: on }), "A mask for each person; slower");
  const profile = choice("Profile", info.profiles.map((name) => [name, name]), (value) => actions.setOptions({ profile: value }));
  const codec = choice("Frames as", [["auto", "automatic"], ["jpeg", "JPEG"], ["h264", "H.264"]], (value) => store.setSettings({ codec: /** @type {any} */ (value) }));
  const locked = segmented("Draw on", [["own", "own frame"], ["newest", "newest"]], (value) => store.setSettings({ locked: value === "own" }));
  const lock = element("div", { class: "row", title: "A result on the frame it was found in, or on the newest frame" }, element("span", {}, "Draw on"), locked.group);
  byId("tracking-settings").append(smoothing.row, profile.row, masks.label, codec.row, lock);
  return () => {
    const { options, settings, mode } = store.state;
    smoothing.show(Number(options.smoothing));
    masks.input.checked = Boolean(options.segmentation);
    profile.select.value = String(options.profile);
    codec.select.value = settings.codec;
    locked.choose(settings.locked ? "own" : "newest");
    codec.row.hidden = lock.hidden = mode === "recorded";
  };
}

/**
 * A slider from 0 to 1 with its value.
 * @param {string} text @param {(value: number) => void} input @param {(value: number) => void} [change] when it is let go
 */
function slider(text, input, change = () => {}) {
  const value = element("output");
  const range = element("input", { type: "range", min: "0", max: "1", step: "0.05" });
  const show = (/** @type {number} */ number) => {
    range.value = String(number);
    value.textContent = number.toFixed(2);
  };
  range.addEventListener("input", () => {
    show(Number(range.value));
    input(Number(range.value));
  });
  range.addEventListener("change", () => change(Number(range.value)));
  return { row: element("label", { class: "row" }, element("span", {}, text), range, value), show };
}

/** @param {string} text @param {[string, string][]} choices @param {(value: string) => void} change */
function choice(text, choices, change) {
  const options = choices.map(([value, name]) => element("option", { value }, name));
  const select = element("select", { onchange: () => change(select.value) }, ...options);
  return { row: element("label", { class: "row" }, element("span", {}, text), select), select };
}

/** The settings of the last visit, as far as they are still ones. @returns {Partial<import("./types.js").Settings>} */
function loaded() {
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(PLACE) ?? "{}"));
    const known = /** @type {Record<string, unknown>} */ ({ ...SETTINGS });
    return Object.fromEntries(kept.filter(([name, value]) => name in known && !OF_A_SOURCE.includes(name) && typeof value === typeof known[name]));
  } catch {
    return {};
  }
}

/** @param {import("./types.js").Settings} settings */
function saved(settings) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // a browser without storage starts with the defaults
  }
}
