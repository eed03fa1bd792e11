/** Chart panel: joint angles over time of one person, one angle of everyone, or the number of people. */

import { Goniometer } from "./angles.js";
import { byId, element } from "./app.js";
import { attachPointer } from "./chart_pointer.js";
import { LineChart } from "./line_chart.js";
import { followedId, idsSeen, personColor, personSelect, poseOf } from "./people.js";
import { Series } from "./series.js";
import { clock } from "./ticks.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{name: string, color: string, values: Float64Array, value: HTMLElement, unit: string}} Curve */

const VIEWS = { person: "One person", everyone: "Everyone", count: "Number of people" };
const SUMMARY_MS = 1000;

/** @param {App} app */
export function mount(app) {
  const { store, info, actions } = app;
  const goniometer = new Goniometer(info.angles);
  const series = new Series();
  const view = element("select", { "aria-label": "Chart" });
  view.append(...Object.entries(VIEWS).map(([value, text]) => element("option", { value }, text)));
  const person = personSelect(app);
  const table = element("a", { class: "button", download: "angles.csv" }, "CSV");
  const chips = element("div", { class: "chart-chips", role: "group", "aria-label": "Angles" });
  const legend = element("div", { class: "chart-chips" });
  const summary = element("p", { class: "sr", id: "chart-summary" });
  const canvas = element("canvas", {
    tabIndex: 0, role: "slider", "aria-label": "Time in the chart", "aria-describedby": "chart-summary",
    title: "Click or drag: go there. Wheel: zoom. Shift and drag: select. Double-click: all.",
  });
  const empty = element("p", { class: "empty" }, "Joint angles appear here once a person is tracked.");
  const bar = element("div", { class: "chart-bar" }, view, person, table);
  byId("charts").append(bar, chips, legend, element("div", { class: "chart" }, canvas, empty), summary);

  let one = info.angles.find(({ name }) => store.state.settings.angles.includes(name)) ?? info.angles[0];
  const boxes = info.angles.map((angle) => {
    const box = element("input", { type: "checkbox", name: angle.name });
    box.addEventListener("change", () => {
      one = angle;
      if (view.value === "everyone") return request(true);
      const names = boxes.filter(({ box: { checked } }) => checked).map(({ angle: { name } }) => name);
      store.setSettings({ angles: names });
    });
    return { angle, box, ...chip(angle.title, box) };
  });
  for (const { chip: made, angle } of boxes) made.dataset.angle = angle.name;
  chips.append(...boxes.map(({ chip: made }) => made));

  const chart = new LineChart(canvas);
  Object.assign(canvas, { chart }); // for tests
  /** @type {Curve[]} */
  let curves = [];
  let isStale = true;
  let frame = 0;
  let summarized = 0;
  /** @type {number|null} */
  let id = null;

  /** @param {number|null} of @param {import("./types.js").Angle} angle @returns {Float64Array} */
  function angles(of, angle) {
    const k = info.angles.indexOf(angle);
    return series.column(`${of} ${angle.name}`, (result) => {
      const pose = poseOf(result, of);
      return pose ? goniometer.of(pose)[k] : NaN;
    });
  }

  /** @returns {Curve[]} */
  function chosen() {
    if (view.value === "person") {
      const { angles: names } = store.state.settings;
      return boxes.filter(({ angle }) => names.includes(angle.name)).map(({ angle, dot, value }) => ({
        name: angle.title, color: colorOf(dot), values: angles(id, angle), value, unit: "°",
      }));
    }
    const isCount = view.value === "count";
    /** @type {(number|null)[]} */
    const ids = isCount ? [null] : idsSeen(app);
    const made = ids.map((of) => {
      const name = isCount ? "People" : `Person ${of}`;
      return { of, name, ...chip(name) };
    });
    legend.replaceChildren(...made.map(({ chip: part }) => part));
    return made.map(({ of, name, chip: part, dot, value }) => {
      part.style.setProperty("--c", isCount ? "var(--accent)" : personColor(app, of));
      const count = () => series.column("count", (result) => result.poses.length);
      const values = isCount ? count() : angles(of, one);
      return { name, color: colorOf(dot), values, value, unit: isCount ? "" : "°" };
    });
  }

  function draw() {
    frame = 0;
    const { mode, job, time_us, repetitions, settings } = store.state;
    const { results } = app.history;
    empty.hidden = results.length > 0;
    canvas.hidden = !empty.hidden;
    chips.hidden = view.value === "count";
    legend.hidden = view.value === "person";
    person.hidden = view.value !== "person";
    table.hidden = !job?.n_done || mode !== "recorded";
    if (job && !table.hidden) table.href = app.engine.angleTableUrl(job.id);
    if (!canvas.clientWidth) return;
    const followed = followedId(app);
    isStale ||= followed !== id;
    id = followed;
    if (isStale) {
      for (const { box, angle } of boxes) {
        box.checked = view.value === "person" ? settings.angles.includes(angle.name) : angle === one;
      }
      series.update(results);
      curves = chosen();
      const found = repetitions?.find((person) => person.id === id)?.repetitions ?? [];
      chart.data = {
        times_us: series.column("time", (result) => result.timestamp_us),
        length: results.length,
        lines: curves,
        bands: view.value !== "person" ? [] : found.map(({ start_us, end_us, number, is_partial }) => ({
          start_us, end_us, label: `${number}`, isFaint: is_partial,
        })),
        unit: view.value === "count" ? "" : "°",
        minSpan: view.value === "count" ? 3 : 20,
        isLive: mode === "live",
      };
    }
    chart.moveTo(time_us);
    chart.draw(!isStale);
    isStale = false;
    tell();
  }

  /** Values at the cursor, or else at the play head; the same and the ranges for screen readers. */
  function tell() {
    const at_us = chart.cursor_us ?? chart.playHead_us;
    const i = chart.indexAt(at_us);
    const told = curves.map(({ name, values, value, unit }) => {
      value.textContent = Number.isFinite(values[i]) ? `${values[i].toFixed(0)}${unit}` : "–";
      return `${name} ${value.textContent}`;
    });
    canvas.setAttribute("aria-valuemin", `${chart.whole[0] / 1e6}`);
    canvas.setAttribute("aria-valuemax", `${chart.whole[1] / 1e6}`);
    canvas.setAttribute("aria-valuenow", `${chart.playHead_us / 1e6}`);
    canvas.setAttribute("aria-valuetext", `${clock(at_us / 1e6, 0.01)}: ${told.join(", ")}`);
    if (performance.now() - summarized < SUMMARY_MS) return;
    summarized = performance.now();
    summary.textContent = curves.map(({ name, values, unit }) => {
      const known = values.subarray(0, chart.data.length).filter(Number.isFinite);
      const [low, high] = known.reduce(([l, h], v) => [Math.min(l, v), Math.max(h, v)], [Infinity, -Infinity]);
      return known.length ? `${name} ${low.toFixed(0)} to ${high.toFixed(0)}${unit}` : `${name} not visible`;
    }).join(", ");
  }

  /** Draw with the next frame. @param {boolean} stale whether more than the play head has changed */
  function request(stale) {
    isStale ||= stale;
    frame ||= requestAnimationFrame(draw);
  }

  const isRecorded = () => store.state.mode === "recorded";
  attachPointer(chart, {
    seek: (time_us) => {
      const [first, last] = chart.whole;
      if (isRecorded()) actions.seek(Math.min(Math.max(time_us, first), last));
    },
    step: (n) => isRecorded() && actions.step(n),
    redraw: (isSame) => request(!isSame),
  });
  view.addEventListener("change", () => request(true));
  store.on(["historyVersion", "settings", "mode", "file", "job", "repetitions"], () => request(true));
  store.on(["time_us", "shown"], () => request(false));
  new ResizeObserver(() => request(true)).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => request(true));
  request(true);
}

/** A name with the colour of its line and its value; with a box it is a choice. @param {string} name @param {HTMLElement} [box] */
function chip(name, box) {
  const dot = element("span", { class: "dot" });
  const value = element("span", { class: "number" });
  const made = element("label", { class: "chip" }, ...(box ? [box] : []), dot, name, value);
  return { chip: made, dot, value };
}

/** @param {HTMLElement} dot */
const colorOf = (dot) => getComputedStyle(dot).backgroundColor;
