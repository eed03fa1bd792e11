/** Chart panel: joint angles of one person over time, one angle of everyone, or the number of people. */

import { jointAngle } from "./angles.js";
import { byId, eachFrame, element } from "./app.js";
import { attachPointer } from "./chart_pointer.js";
import { select } from "./controls.js";
import { LineChart, rangeOf } from "./line_chart.js";
import { followed, idsSeen, inkOf, personSelect, poseOf } from "./people.js";
import { Series } from "./series.js";
import { clock } from "./ticks.js";

/** @import { App } from "./app.js" */

/** @typedef {{name: string, color: string, values: Float64Array}} Curve color as in CSS */

const VIEWS = { person: "One person", everyone: "Everyone", count: "Count" };
/** @type {Record<string, [string, string]>} */
const LINKS = {
  "angles.csv": ["CSV", "Save all angles as a table"],
  "report.html": ["Report", "Save a report with charts, repetitions and pictures"],
};
const LIVE_MS = 100; // between two drawings of a live chart
const TELL_MS = 1000; // to screen readers, while time goes on

/** @param {App} app */
export function mount(app) {
  const { store, info, actions } = app;
  const series = new Series();
  const view = select({ "aria-label": "Chart" }, Object.entries(VIEWS), () => request());
  const person = personSelect(app);
  const links = Object.entries(LINKS).map(([download, [text, title]]) => element("a", { class: "button", download, title }, text));
  byId("charts-tools").append(view, person, ...links);
  const boxes = info.angles.map(({ name, title }) => {
    const box = element("input", { type: "checkbox", name, onchange: () => choose(name) });
    byId("angle-settings").append(element("label", { class: "chart-box" }, box, title));
    return box;
  });
  byId("angle-settings").append(element("small", {}, "0° is upright with hanging arms; bending is positive."));
  const legend = element("div", { class: "chart-legend" });
  const summary = element("p", { class: "sr", id: "chart-summary" });
  const canvas = element("canvas", {
    tabIndex: 0, role: "slider", "aria-label": "Time in the chart", "aria-describedby": summary.id, "aria-valuenow": "0",
    title: "Click or drag: go there. Wheel: zoom. Shift and drag: zoom to a part. Double-click: show all.",
  });
  const empty = element("p", { class: "empty" });
  byId("charts").append(legend, element("div", { class: "chart" }, canvas), empty, summary);

  const chart = new LineChart(canvas);
  /** @type {Curve[]} */
  let curves = [];
  let one = store.state.settings.angles[0] ?? info.angles[0].name;
  let legendKey = "";
  let told_ms = 0;
  /** @type {number|null} */
  let id = null;

  /** @param {string} name */
  function choose(name) {
    one = name;
    if (view.value === "everyone") request();
    else store.setSettings({ angles: boxes.filter(({ checked }) => checked).map((box) => box.name) });
  }

  /** @param {number|null} of @param {string} name */
  function anglesOf(of, name) {
    const angle = info.angles.find((each) => each.name === name);
    return series.column(`${of} ${name}`, (result) => {
      const pose = poseOf(result, of);
      return pose && angle ? jointAngle(angle, pose) : NaN;
    });
  }

  /** @returns {Curve[]} */
  function chosen() {
    if (view.value === "count") {
      return [{ name: "People", color: "var(--accent)", values: series.column("count", ({ poses }) => poses.length) }];
    }
    if (view.value === "everyone") {
      return idsSeen(app).map((of) => ({ name: `Person ${of}`, color: inkOf(app, of), values: anglesOf(of, one) }));
    }
    const angles = info.angles.filter(({ name }) => store.state.settings.angles.includes(name));
    return angles.map(({ name, title }) => ({ name: title, color: `var(--${name})`, values: anglesOf(id, name) }));
  }

  const request = eachFrame((all) => {
    const { mode, job, time_us, settings, file } = store.state;
    const isImage = file?.kind === "image";
    legend.hidden = !app.history.results.length;
    canvas.hidden = legend.hidden || isImage;
    empty.hidden = !canvas.hidden;
    empty.textContent = isImage && !legend.hidden ? "One image: the angles are above." : "Joint angles appear here once a person is tracked.";
    person.hidden = view.value !== "person";
    for (const link of links) {
      link.hidden = mode !== "recorded" || !job?.n_done;
      if (job) link.href = app.engine.measureUrl(job.id, /** @type {any} */ (link.download), settings.exercise);
    }
    const before = id;
    ({ id } = followed(app));
    if (!canvas.clientWidth && !isImage) return;
    const isOther = all || id !== before;
    if (isOther) refresh();
    chart.moveTo(time_us);
    if (!isImage) chart.draw(!isOther);
    tell();
  }, canvas);

  function refresh() {
    const { settings, repetitions, mode } = store.state;
    const isOne = view.value === "person";
    for (const box of boxes) box.checked = isOne ? settings.angles.includes(box.name) : box.name === one;
    series.update(app.history.results);
    curves = chosen();
    legend.dataset.title = view.value === "everyone" ? info.angles.find(({ name }) => name === one)?.title : "";
    const key = curves.map(({ name, color }) => name + color).join();
    if (key !== legendKey) legend.replaceChildren(...curves.map(legendChip));
    legendKey = key;
    chart.data = {
      times_us: series.column("time", (result) => result.timestamp_us),
      length: series.results.length,
      lines: curves.map(({ values }, i) => ({ values, color: getComputedStyle(legend.querySelectorAll(".dot")[i]).backgroundColor })),
      bands: (isOne && repetitions?.find((counted) => counted.id === id)?.repetitions) || [],
      ...(view.value === "count" ? { unit: "", minSpan: 3 } : { unit: "°", minSpan: 20 }),
      isLive: mode === "live",
    };
  }

  /** Values at the cursor, or else at the play head; and for screen readers, with the ranges. */
  function tell() {
    const { data, whole, playHead_us } = chart;
    const at_us = chart.cursor_us ?? playHead_us;
    const i = chart.indexAt(at_us);
    const texts = curves.map(({ values }) => text(i < data.length ? values[i] : NaN));
    texts.forEach((value, k) => (/** @type {Element} */ (legend.children[k].lastElementChild).textContent = value));
    if (performance.now() - told_ms < TELL_MS && !store.state.isPaused) return;
    told_ms = performance.now();
    for (const [name, time_us] of [["min", whole[0]], ["max", whole[1]], ["now", playHead_us]]) {
      canvas.setAttribute(`aria-value${name}`, `${Number(time_us) / 1e6}`);
    }
    const told = curves.map(({ name }, k) => `${name} ${texts[k]}`);
    canvas.setAttribute("aria-valuetext", `${clock(at_us / 1e6, 0.01)}: ${told.join(", ")}`);
    summary.textContent = curves.map(({ name, values }) => {
      const [low, high] = rangeOf(values, 0, data.length);
      return low > high ? `${name} not visible` : `${name} ${text(low)} to ${text(high)}`;
    }).join(", ");
  }

  /** @param {number} value */
  const text = (value) => (Number.isNaN(value) ? "–" : `${value.toFixed(0).replace("-", "−")}${chart.data.unit}`);

  const isRecorded = () => store.state.mode === "recorded";
  attachPointer(chart, {
    seek: (time_us) => isRecorded() && actions.seek(Math.min(Math.max(time_us, chart.whole[0]), chart.whole[1])),
    redraw: (isSame) => request(!isSame),
  });
  store.on(["file", "mode"], () => {
    chart.reset();
    store.setSettings({ person: null });
  });
  store.on(["historyVersion", "settings", "mode", "job", "repetitions"], () => request(), LIVE_MS);
  store.on(["time_us", "shown"], () => request(false), LIVE_MS);
  request();
}

/** @param {Curve} curve */
function legendChip({ name, color }) {
  const dot = element("i", { class: "dot" });
  dot.style.backgroundColor = color;
  return element("span", { class: "chip" }, dot, name, element("span", { class: "number" }));
}
