/** Settings panel: what the overlay shows, how people are tracked; both kept for the next visit. */

import { SETTINGS, byId, element } from "./app.js";
import { button, row, segmented, select, toggle } from "./controls.js";

/** @import { App } from "./app.js" */
/** @import { Settings } from "./types.js" */

const PLACE = "vitruvian.settings";
const OF_A_SOURCE = ["person", "mirror", "mask"]; // not kept

/** @type {[keyof Settings, string, string][]} */
const SWITCHES = [
  ["skeleton", "Skeleton", "K"], ["landmarks", "Landmarks", "L"], ["hidden", "Hidden", "H"], ["ids", "IDs", "I"],
  ["score", "Score", "S"], ["box", "Box", "B"], ["roi", "Region", "R"], ["mask", "Mask", "M"],
];

/** @param {App} app */
export function mount(app) {
  const { store, info, actions } = app;
  store.setSettings({ mask: info.defaults.segmentation, ...loaded() });
  const updates = [overlaySettings(app), trackingSettings(app)];
  const update = () => updates.forEach((each) => each());
  store.on(["settings", "options", "mode"], update);
  store.on(["settings"], () => saved(store.state.settings));
  byId("tracking-settings").append(button("", "Reset to defaults", () => {
    const { smoothing, profile, segmentation, camera_space } = info.defaults;
    store.setSettings({ ...SETTINGS, minVisibility: info.style.min_visibility, mask: segmentation });
    if (store.state.mode !== "empty") actions.setOptions({ smoothing, profile, segmentation, camera_space });
  }, { class: "wide", isShown: true }));
  update();
}

/** @param {App} app */
function overlaySettings(app) {
  const { store } = app;
  const made = SWITCHES.map(([name, text, key]) => ({ name, ...toggle(text, (on) => store.setSettings({ [name]: on }), `Key ${key}`) }));
  let { mask } = store.state.settings;
  const threshold = slider("Minimum visibility", (value) => store.setSettings({ minVisibility: value }));
  byId("overlay-settings").append(element("div", { class: "grid-2" }, ...made.map(({ label }) => label)), threshold.row);
  return () => {
    const { settings } = store.state;
    const isOther = settings.mask !== mask;
    mask = settings.mask;
    if (isOther) computeMasks(app, mask);
    for (const { name, input } of made) input.checked = Boolean(settings[name]);
    threshold.show(settings.minVisibility);
  };
}

/** Masks are computed while they are shown; a file that has them, or needs them no more, is not tracked again.
 * @param {App} app @param {boolean} segmentation */
function computeMasks({ store, actions }, segmentation) {
  const { mode, options, job } = store.state;
  const isSame = Boolean(options.segmentation) === segmentation;
  const isTracked = mode === "recorded" && (!segmentation || job?.options.segmentation);
  if (isTracked || mode === "empty") store.set({ options: { ...options, segmentation } });
  else if (!isSame) actions.setOptions({ segmentation });
}

/** @param {App} app */
function trackingSettings({ store, info, actions }) {
  const smoothing = slider("Smoothing", () => {}, (value) => actions.setOptions({ smoothing: value }));
  const metres = toggle("Positions in metres", (on) => actions.setOptions({ camera_space: on }),
    "Where people are in front of the camera: for the mixed 3D view, and key X");
  const profile = select({}, info.profiles.map((name) => [name, name]), (value) => actions.setOptions({ profile: value }));
  const codec = select({}, [["auto", "automatic"], ["jpeg", "JPEG"], ["h264", "H.264"]], (value) => store.setSettings({ codec: /** @type {any} */ (value) }));
  const frames = row("Frames as", codec);
  const locked = segmented("Draw on", [["own", "own frame"], ["newest", "newest"]], (value) => store.setSettings({ locked: value === "own" }));
  const lock = element("div", { class: "row", title: "A result on the frame it was found in, or on the newest frame" }, element("span", {}, "Draw on"), locked.group);
  byId("tracking-settings").append(smoothing.row, row("Profile", profile), metres.label, frames, lock);
  return () => {
    const { options, settings, mode } = store.state;
    smoothing.show(Number(options.smoothing));
    metres.input.checked = Boolean(options.camera_space);
    profile.value = String(options.profile);
    codec.value = settings.codec;
    locked.choose(settings.locked ? "own" : "newest");
    frames.hidden = lock.hidden = mode === "recorded";
  };
}

/**
 * A slider from 0 to 1 with its value.
 * @param {string} text @param {(value: number) => void} input @param {(value: number) => void} [change] when it is let go
 */
function slider(text, input, change = () => {}) {
  const output = element("output");
  const range = element("input", { type: "range", min: "0", max: "1", step: "0.05" });
  const show = (/** @type {number} */ value) => {
    range.value = String(value);
    output.textContent = value.toFixed(2);
  };
  range.oninput = () => {
    show(Number(range.value));
    input(Number(range.value));
  };
  range.onchange = () => change(Number(range.value));
  return { row: row(text, range, output), show };
}

/** The settings of the last visit, as far as they are still ones. @returns {Partial<Settings>} */
function loaded() {
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(PLACE) ?? "{}"));
    const known = /** @type {Record<string, unknown>} */ ({ ...SETTINGS });
    return Object.fromEntries(kept.filter(([name, value]) => name in known && !OF_A_SOURCE.includes(name) && typeof value === typeof known[name]));
  } catch {
    return {};
  }
}

/** @param {Settings} settings */
function saved(settings) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // a browser without storage starts with the defaults
  }
}
