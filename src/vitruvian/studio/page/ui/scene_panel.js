/** Scene panel: the 3D view beside the picture, and its settings. */

import { byId, element } from "./app.js";
import { segmented, toggle } from "./controls.js";
import { personSelect } from "./people.js";
import { SceneView } from "./scene_view.js";

/** @typedef {import("./types.js").Settings} Settings */

/** @type {[string, string][]} */
const SPACES = [["world", "World"], ["image", "Image"], ["mixed", "Mixed"]];
/** @type {[string, string][]} */
const SPINS = [["off", "Off"], ["oscillate", "Oscillate"], ["rotate", "Rotate"]];
/** @type {["grid"|"trail"|"follow", string, string][]} */
const SWITCHES = [
  ["grid", "Grid", "Floor and wall; small squares are 25 cm (key G)"],
  ["trail", "Trail", "Paths of hips and wrists in the last 3 seconds (key T)"],
  ["follow", "Follow", "Keep the person in the middle of the view"],
];

/** @param {import("./app.js").App} app */
export function mount(app) {
  const { store, info } = app;
  const note = element("p", { class: "scene-note", role: "status", hidden: true });
  const stage = element("div", { class: "scene-stage" });
  const view = new SceneView(
    stage,
    () => {
      const { shown, settings } = store.state;
      const { result = null, image = null, width = 16, height = 9 } = shown ?? {};
      const picture = { width, height, hasPicture: Boolean(image) };
      return { result, image, picture, settings, history: app.history, style: info.style };
    },
    (text) => {
      note.hidden = !text;
      if (note.textContent !== text) note.textContent = text;
    },
    (changed) => store.setSettings(changed),
  );
  app.actions.view3d = (preset) => view.orbit.preset(preset);
  stage.append(note);
  byId("scene").append(stage);
  const show = settings(app);
  store.on(["settings"], () => {
    show();
    view.draw();
  });
  store.on(["shown"], () => view.changed());
  store.on(["historyVersion"], () => view.draw());
  show();
  Object.assign(stage, { view }); // for tests
}

/** The controls of the view; returns what makes them show the settings. @param {import("./app.js").App} app */
function settings(app) {
  const { store } = app;
  const set = (/** @type {string} */ name) => (/** @type {unknown} */ value) => store.setSettings({ [name]: value });
  const space = segmented("Space", SPACES, set("space"));
  const spin = segmented("Turn by itself", SPINS, set("spin"));
  const switches = SWITCHES.map(([name, text, title]) => ({ name, ...toggle(text, set(name), title) }));
  const speed = element("input", { type: "range", min: "-4", max: "4", step: "0.5" });
  speed.addEventListener("input", () => store.setSettings({ spinSpeed: Number(speed.value) || 0.5 }));
  const speedRow = element("label", { class: "row" }, element("span", {}, "Speed"), speed);
  byId("scene-tools").append(space.group);
  byId("scene-settings").append(
    element("div", { class: "grid-2" }, ...switches.map(({ label }) => label)),
    element("label", { class: "row" }, element("span", {}, "Person"), personSelect(app)),
    element("div", { class: "row" }, element("span", {}, "Turn"), spin.group), speedRow,
  );
  return () => {
    const { settings: shown } = store.state;
    space.choose(shown.space);
    spin.choose(shown.spin);
    for (const { name, input } of switches) input.checked = shown[name];
    speed.value = String(shown.spinSpeed);
    speedRow.hidden = shown.spin === "off";
  };
}
