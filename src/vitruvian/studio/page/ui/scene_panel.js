/** Scene panel: the 3D view beside the picture, its modes and its menu. */

import { byId, element } from "./app.js";
import { SceneView } from "./scene_view.js";

/** @typedef {import("./types.js").Settings} Settings */

const SPACES = { world: "World", image: "Image", mixed: "Mixed" };
const SPACE_HINTS = {
  world: "Metres, hips above the origin",
  image: "Landmarks in front of the picture",
  mixed: "Metres from the camera: needs positions of a depth camera or a known lens",
};
const SPINS = { off: "Off", oscillate: "Oscillate", rotate: "Rotate" };
/** @type {[keyof Settings, string][]} */
const SWITCHES = [["grid", "Grid"], ["trail", "Trail"], ["follow", "Follow the person"]];

/** @param {import("./app.js").App} app */
export function mount(app) {
  const { store, info } = app;
  const note = element("p", { class: "scene-note", role: "status", hidden: true });
  const stage = element("div", { class: "scene-stage" });
  const view = new SceneView(
    stage,
    () => {
      const { shown, settings } = store.state;
      return {
        result: shown?.result ?? null,
        history: app.history,
        image: shown?.image ?? null,
        picture: { width: shown?.width || 16, height: shown?.height || 9, hasPicture: Boolean(shown?.image) },
        settings,
        style: info.style,
      };
    },
    (text) => {
      if (note.textContent !== text) note.textContent = text;
      note.hidden = !text;
    },
    (changed) => store.setSettings(changed),
  );
  app.actions.view3d = (preset) => view.orbit.preset(preset);

  const spaces = choice("scene-space", "Space", SPACES, (space) => store.setSettings({ space }), SPACE_HINTS);
  const menu = menuOf(app);
  const header = element("header", {}, element("h2", {}, "3D"), spaces.box, menu.button, menu.box);
  stage.append(note);
  byId("scene").append(header, stage);

  const show = () => {
    spaces.show(store.state.settings.space);
    menu.show(store.state.settings);
    view.draw();
  };
  store.on(["settings"], show);
  store.on(["shown"], () => view.changed());
  store.on(["historyVersion"], () => view.draw());
  show();
  Object.assign(byId("scene"), { view }); // for tests
}

/** What the view shows besides the people, and how it moves. @param {import("./app.js").App} app */
function menuOf({ store }) {
  const box = element("div", { class: "menu", id: "scene-menu", popover: "auto" });
  const button = element("button", {
    type: "button", class: "quiet icon-only", title: "3D options", "aria-label": "3D options", popoverTargetElement: box,
  }, "⋯");
  const switches = SWITCHES.map(([name, title]) => {
    const input = element("input", { type: "checkbox", role: "switch" });
    input.addEventListener("change", () => store.setSettings({ [name]: input.checked }));
    box.append(element("label", { class: "switch" }, element("span", {}, title), input));
    return { name, input };
  });
  const spins = choice("scene-spin", "Turn by itself", SPINS, (spin) => store.setSettings({ spin }));
  const speed = element("input", { type: "range", min: "-4", max: "4", step: "0.5" });
  speed.addEventListener("input", () => store.setSettings({ spinSpeed: Number(speed.value) || 0.5 }));
  box.append(
    element("h3", {}, "Turn by itself"), spins.box,
    element("label", { class: "row" }, element("span", {}, "Speed"), speed),
  );
  box.addEventListener("beforetoggle", () => {
    const { bottom, right } = button.getBoundingClientRect();
    box.style.top = `${bottom + 4}px`;
    box.style.right = `${Math.max(8, innerWidth - right)}px`;
  });
  return {
    box,
    button,
    /** @param {Settings} settings */
    show(settings) {
      for (const { name, input } of switches) input.checked = Boolean(settings[name]);
      spins.show(settings.spin);
      speed.value = String(settings.spinSpeed);
    },
  };
}

/**
 * Radio buttons in a row.
 * @template {string} K
 * @param {string} name
 * @param {string} legend
 * @param {Record<K, string>} titles
 * @param {(value: K) => void} choose
 * @param {Record<K, string>} [hints]
 */
function choice(name, legend, titles, choose, hints) {
  const box = element("fieldset", { class: "segmented" }, element("legend", { class: "sr" }, legend));
  for (const [value, title] of entries(titles)) {
    const input = element("input", { type: "radio", name, value });
    input.addEventListener("change", () => choose(value));
    box.append(element("label", { title: hints?.[value] ?? "" }, input, element("span", {}, title)));
  }
  return {
    box,
    /** @param {K} value */
    show(value) {
      for (const input of box.querySelectorAll("input")) input.checked = input.value === value;
    },
  };
}

/** @template {string} K @template V @param {Record<K, V>} table @returns {[K, V][]} */
function entries(table) {
  return /** @type {[K, V][]} */ (Object.entries(table));
}
