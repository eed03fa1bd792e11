/** Figures panel: frames, latency, times of the stages. */

import { byId, element } from "./app.js";

/** @typedef {import("./types.js").State} State */

/** The stages of a frame in their order, and where each takes place. */
const PLACE_OF_STAGE = /** @type {const} */ ({
  encode: "browser", up: "network", wait: "server", decode: "server", track: "server", down: "network",
  draw: "browser",
});
const STAGES = /** @type {(keyof typeof PLACE_OF_STAGE)[]} */ (Object.keys(PLACE_OF_STAGE));

/** @param {number|null|undefined} ms */
const inMs = (ms) => (ms === null || ms === undefined ? "–" : `${ms.toFixed(ms < 9.95 ? 1 : 0)}`);

/**
 * A list of names and values.
 * @param {string} kind "large" or "rows"
 * @param {[string, string|number, string?][]} values name, value, then a unit or the place of a stage
 */
function list(kind, values) {
  const rows = values.map(([name, value, more = ""]) => {
    const dd = element("dd", {}, `${value}`);
    const dot = element("span", { class: `dot ${more}` });
    if (kind === "large") dd.append(element("small", {}, more));
    return element("div", {}, ...(more && kind === "rows" ? [dot] : []), element("dt", {}, name), dd);
  });
  return element("dl", { class: kind }, ...rows);
}

/** @param {NonNullable<State["times"]>} times */
function stageBar(times) {
  const bar = element("div", { class: "bar", role: "img", "aria-label": "Share of each stage" });
  for (const stage of STAGES) {
    const part = element("span", { class: PLACE_OF_STAGE[stage], title: `${stage} ${inMs(times[stage])} ms` });
    part.style.flexGrow = `${Math.max(0, times[stage])}`;
    bar.append(part);
  }
  return bar;
}

/** @param {string} title @param {HTMLElement} content */
const part = (title, content) => element("div", {}, element("h3", {}, title), content);

/** @param {State} state @returns {HTMLElement[]} */
function liveFigures({ fps, times, liveState }) {
  /** @type {HTMLElement[]} */
  const made = [
    list("large", [
      ["rate", fps.toFixed(0), "fps"],
      ["latency", inMs(times?.total), "ms"],
      ["95 % within", inMs(times?.total_p95), "ms"],
    ]),
  ];
  if (times) {
    const rows = STAGES.map((stage) => /** @type {[string, string, string]} */ (
      [stage, inMs(times[stage]), PLACE_OF_STAGE[stage]]));
    made.push(part("From capture to drawn, median ms", element("div", {}, stageBar(times), list("rows", rows))));
  }
  if (!liveState) return made;
  const { counts, stages_ms, sessions } = liveState;
  const stages = Object.entries(stages_ms).map(([name, ms]) => /** @type {[string, string]} */ (
    [name.replaceAll("_", " "), inMs(ms)]));
  if (stages.length) made.push(part("Tracker: median ms", list("rows", stages)));
  made.push(part("Frames", list("rows", [
    ["seen", counts.seen], ["tracked", counts.processed], ["dropped", counts.dropped],
    ["reconnected", counts.reconnected], ["live sessions", sessions],
  ])));
  return made;
}

/** @param {NonNullable<State["job"]>} job @returns {HTMLElement[]} */
function jobFigures({ fps, n_done, n_total, seconds_left, state }) {
  return [
    list("large", [
      ["rate", fps === null ? "–" : fps.toFixed(0), "fps"],
      [n_total === null ? "frames" : `of ${n_total} frames`, n_done],
      state === "running" && seconds_left !== null ? ["left", Math.ceil(seconds_left), "s"] : ["tracking", state],
    ]),
  ];
}

/** @param {import("./app.js").App} app */
export function mount(app) {
  const place = byId("figures");
  place.classList.add("figures");
  let isDue = false;
  const draw = () => {
    isDue = false;
    const { state } = app.store;
    const empty = () => [element("p", { class: "muted" }, "Speed and latency of a camera or a video.")];
    if (state.mode === "live") place.replaceChildren(...liveFigures(state));
    else place.replaceChildren(...(state.mode === "recorded" && state.job ? jobFigures(state.job) : empty()));
  };
  app.store.on(["times", "fps", "liveState", "job", "mode"], () => {
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  });
  draw();
}
