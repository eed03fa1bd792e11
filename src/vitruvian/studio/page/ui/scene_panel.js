/** Scene panel: the 3D view beside the picture, and its menu. */

import { byId, element } from "./app.js";
import { button, menu, segmented, toggle } from "./controls.js";
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
      const { shown, settings, mode } = store.state;
      const { result = null, image = null, width = 16, height = 9 } = shown ?? {};
      const picture = { width, height, hasPicture: Boolean(image) };
      const isLive = mode === "live";
      return { result, image, isLive, picture, settings, history: app.history, style: info.style };
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
  const space = segmented("Space", SPACES, set(app, "space"));
  const person = personSelect(app);
  const opener = button("settings", "3D options", () => {});
  opener.id = "scene-options";
  byId("scene-tools").append(space.group, opener, menu(opener, () => menuRows(app, person)));
  const show = () => {
    space.choose(store.state.settings.space);
    view.draw();
  };
  store.on(["settings"], show);
  store.on(["shown"], () => view.changed());
  store.on(["historyVersion"], () => view.draw());
  show();
  Object.assign(stage, { view }); // for tests
}

/** What the view shows besides the people, and how it moves. @param {import("./app.js").App} app @param {HTMLElement} person */
function menuRows(app, person) {
  const { store } = app;
  const { settings } = store.state;
  const spin = segmented("Turn", SPINS, set(app, "spin"));
  spin.choose(settings.spin);
  const speed = element("input", { type: "range", min: "-4", max: "4", step: "0.5", value: String(settings.spinSpeed) });
  speed.addEventListener("input", () => store.setSettings({ spinSpeed: Number(speed.value) || 0.5 }));
  return [
    ...SWITCHES.map(([name, text, title]) => {
      const { label, input } = toggle(text, set(app, name), title);
      input.checked = settings[name];
      return label;
    }),
    element("label", { class: "row" }, element("span", {}, "Person"), person),
    element("div", { class: "row" }, element("span", {}, "Turn"), spin.group),
    element("label", { class: "row" }, element("span", {}, "Speed"), speed),
  ];
}

/** @param {import("./app.js").App} app @param {keyof Settings} name @returns {(value: any) => void} */
const set = ({ store }, name) => (value) => store.setSettings({ [name]: value });
