/** Notebook: the 3D view of stored results with a time slider, in a page of its own. */

import { SETTINGS, byId, element } from "../page/ui/app.js";
import { History } from "../page/ui/history.js";
import { SceneView } from "../page/ui/scene_view.js";

/** @typedef {import("../page/ui/types.js").Point} Point */

const NAN = -32768;
const N_LANDMARKS = 33;

/** @param {string} base64 */
function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Points of all poses, three numbers each, times a scale. @param {{scale: number, int16: string}} packed @returns {Point[][]} */
function points({ scale, int16 }) {
  const numbers = Float32Array.from(new Int16Array(bytes(int16).buffer), (value) => (value === NAN ? NaN : value * scale));
  const poses = [];
  for (let i = 0; i < numbers.length; i += 3 * N_LANDMARKS) {
    const pose = [];
    for (let k = i; k < i + 3 * N_LANDMARKS; k += 3) pose.push(/** @type {Point} */ ([...numbers.subarray(k, k + 3)]));
    poses.push(pose);
  }
  return poses;
}

/** @param {any} data see `vitruvian.studio.notebook` */
function historyOf(data) {
  const history = new History();
  const [landmarks, world] = [points(data.landmarks), points(data.world)];
  const camera = data.camera && points(data.camera);
  const visibility = bytes(data.visibility);
  let next = 0;
  data.times_us.forEach((/** @type {number} */ timestamp_us, /** @type {number} */ frame_index) => {
    const poses = data.ids[frame_index].map((/** @type {number|null} */ id) => {
      const i = next++;
      const seen = visibility.subarray(N_LANDMARKS * i, N_LANDMARKS * (i + 1));
      const placed = camera && camera[i].some((/** @type {Point} */ [x]) => Number.isFinite(x));
      return { id, landmarks: landmarks[i], world: world[i], visibility: Array.from(seen, (v) => v / 255), ...(placed && { camera: camera[i] }) };
    });
    history.add(/** @type {any} */ ({ frame_index, timestamp_us, width: data.width, height: data.height, poses }));
  });
  return history;
}

function start() {
  const data = JSON.parse(byId("data").textContent ?? "");
  const history = historyOf(data);
  const times_us = history.results.map((result) => result.timestamp_us);
  const [first_us, last_us] = [times_us[0], times_us[times_us.length - 1]];
  let settings = { ...SETTINGS, ...data.settings };
  const found = history.results.find(({ poses }) => poses.length);
  let [time_us, isPlaying, before_ms] = [found?.timestamp_us ?? first_us, false, 0];

  const stage = element("div", { class: "scene-stage" });
  const note = element("p", { class: "scene-note", role: "status", hidden: true });
  const view = new SceneView(
    stage,
    () => ({
      result: history.results[history.indexAt(time_us)],
      history,
      image: null,
      picture: { width: data.width, height: data.height, hasPicture: false },
      settings,
      style: data.style,
    }),
    (text) => {
      note.textContent = text;
      note.hidden = !text;
    },
    (changed) => change(changed),
  );
  const change = (/** @type {Partial<typeof settings>} */ changed) => {
    settings = { ...settings, ...changed };
    view.draw();
  };
  const play = element("button", { type: "button", title: "Play (space)", "aria-label": "Play", onclick: () => toggle() }, "▶");
  const slider = element("input", { type: "range", "aria-label": "Time", min: String(first_us), max: String(last_us), step: "1", value: String(first_us) });
  const clock = element("output", {});
  const space = element("select", { "aria-label": "Space" });
  for (const name of ["world", "image", ...(data.camera ? ["mixed"] : [])]) space.append(element("option", {}, name));
  space.value = settings.space;
  space.addEventListener("change", () => change({ space: space.value }));
  const switches = ["trail", "grid"].map((name) => {
    const input = element("input", { type: "checkbox", checked: settings[name] });
    input.addEventListener("change", () => change({ [name]: input.checked }));
    return element("label", {}, input, name);
  });
  const show = () => {
    slider.value = String(time_us);
    clock.textContent = `${((time_us - first_us) / 1e6).toFixed(2)} s`;
    view.draw();
  };
  const tick = (/** @type {number} */ now_ms) => {
    if (!isPlaying) return;
    time_us += before_ms ? (now_ms - before_ms) * 1000 : 0;
    before_ms = now_ms;
    if (time_us > last_us) time_us = first_us;
    show();
    requestAnimationFrame(tick);
  };
  const toggle = (on = !isPlaying) => {
    [isPlaying, before_ms] = [on, 0];
    play.textContent = on ? "❚❚" : "▶";
    if (on) requestAnimationFrame(tick);
  };
  slider.addEventListener("input", () => {
    toggle(false);
    time_us = Number(slider.value);
    show();
  });
  view.canvas.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  const time = last_us > first_us ? [play, slider, clock] : [];
  stage.append(note);
  document.body.append(stage, element("footer", {}, ...time, space, ...switches));
  show();
  Object.assign(window, { view });
  document.documentElement.dataset.state = "ready";
}

start();
