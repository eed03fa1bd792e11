/** Chart panel: joint angles of one person over time, one angle of everyone, or the number of people. */

import { Goniometer } from "./angles.js";
import { byId, element } from "./app.js";
import { attachPointer } from "./chart_pointer.js";
import { LineChart } from "./line_chart.js";
import { followedId, idsSeen, inkOf, personSelect, poseOf } from "./people.js";
import { Series } from "./series.js";
import { clock } from "./ticks.js";

/** @typedef {{name: string, color: string, values: () => Float64Array}} Curve color for CSS */

const VIEWS = { person: "One person", everyone: "Everyone", count: "Number of people" };
const TELL_MS = 1000; // to screen readers

/** @param {import("./app.js").App} app */
export function mount(app) {
  const { store, info, actions } = app;
  const goniometer = new Goniometer(info.angles);
  const series = new Series();
  const options = Object.entries(VIEWS).map(([value, text]) => element("option", { value }, text));
  const view = element("select", { "aria-label": "Chart" }, ...options);
  const person = personSelect(app);
  const table = element("a", { class: "button", download: "angles.csv" }, "CSV");
  byId("charts-tools").append(view, person, table);
  const boxes = info.angles.map(({ name, title }) => {
    const box = element("input", { type: "checkbox", name, onchange: () => choose(name) });
    byId("angle-settings").append(element("label", { class: "chart-box" }, box, title));
    return { name, box };
  });
  const legend = element("div", { class: "chart-legend" });
  const summary = element("p", { class: "sr", id: "chart-summary" });
  const canvas = element("canvas", {
    tabIndex: 0, role: "slider", "aria-label": "Time in the chart", "aria-describedby": summary.id,
    title: "Click or drag: go there. Wheel: zoom. Shift and drag: zoom to a part. Double-click: show all.",
  });
  const empty = element("p", { class: "empty" }, "Joint angles appear here once a person is tracked.");
  byId("charts").append(legend, element("div", { class: "chart" }, canvas), empty, summary);

  const chart = new LineChart(canvas);
  let one = store.state.settings.angles[0] ?? info.angles[0].name;
  /** @type {{name: string, values: Float64Array, value: HTMLElement}[]} */
  let shown = [];
  let legendKey = "";
  let isStale = true;
  let frame = 0;
  let told_ms = 0;
  /** @type {number|null} */
  let id = null;

  /** @param {string} name */
  function choose(name) {
    one = name;
    if (view.value === "everyone") return request(true);
    const chosen = boxes.filter(({ box }) => box.checked);
    store.setSettings({ angles: chosen.map((angle) => angle.name) });
  }

  /** @param {number|null} of @param {string} name */
  const angleOf = (of, name) => () => {
    const k = info.angles.findIndex((angle) => angle.name === name);
    return series.column(`${of} ${name}`, (result) => {
      const pose = poseOf(result, of);
      return pose ? goniometer.of(pose)[k] : NaN;
    });
  };

  /** @type {Record<string, () => Curve[]>} */
  const curves = {
    person: () => info.angles
      .filter(({ name }) => store.state.settings.angles.includes(name))
      .map(({ name, title }) => ({ name: title, color: `var(--${name})`, values: angleOf(id, name) })),
    everyone: () => idsSeen(app).map((of) => ({
      name: `Person ${of}`, color: inkOf(app, of), values: angleOf(of, one),
    })),
    count: () => [{
      name: "People", color: "var(--accent)",
      values: () => series.column("count", (result) => result.poses.length),
    }],
  };

  function draw() {
    frame = 0;
    const { mode, job, time_us } = store.state;
    const { results } = app.history;
    empty.hidden = results.length > 0;
    canvas.hidden = !empty.hidden;
    person.hidden = view.value !== "person";
    table.hidden = mode !== "recorded" || !job?.n_done;
    if (job) table.href = app.engine.angleTableUrl(job.id);
    if (!canvas.clientWidth) return;
    const followed = followedId(app);
    isStale ||= followed !== id;
    id = followed;
    if (isStale) refresh();
    chart.moveTo(time_us);
    chart.draw(!isStale);
    isStale = false;
    tell();
  }

  function refresh() {
    const { settings, repetitions, mode } = store.state;
    const isOne = view.value === "person";
    for (const { name, box } of boxes) {
      box.checked = isOne ? settings.angles.includes(name) : name === one;
    }
    series.update(app.history.results);
    const chosen = curves[view.value]();
    const key = chosen.map(({ name, color }) => name + color).join();
    if (key !== legendKey) legend.replaceChildren(...chosen.map(legendChip));
    legendKey = key;
    const chips = /** @type {HTMLElement[]} */ ([...legend.children]);
    shown = chosen.map(({ name, values }, i) => ({
      name,
      values: values(),
      value: /** @type {HTMLElement} */ (chips[i].lastChild),
    }));
    const found = (isOne && repetitions?.find((counted) => counted.id === id)?.repetitions) || [];
    chart.data = {
      times_us: series.column("time", (result) => result.timestamp_us),
      length: series.length,
      lines: shown.map(({ values }, i) => ({ values, color: getComputedStyle(chips[i]).color })),
      bands: found,
      ...(view.value === "count" ? { unit: "", minSpan: 3 } : { unit: "°", minSpan: 20 }),
      isLive: mode === "live",
    };
  }

  /** Values at the cursor, or else at the play head; both and the ranges for screen readers. */
  function tell() {
    const { data, whole, playHead_us } = chart;
    const at_us = chart.cursor_us ?? playHead_us;
    const i = chart.indexAt(at_us);
    for (const { values, value } of shown) value.textContent = text(values[i]);
    const now_ms = performance.now();
    if (now_ms - told_ms < TELL_MS && !store.state.isPaused) return;
    told_ms = now_ms;
    const times = { min: whole[0], max: whole[1], now: playHead_us };
    for (const [name, time_us] of Object.entries(times)) {
      canvas.setAttribute(`aria-value${name}`, `${time_us / 1e6}`);
    }
    const values = shown.map(({ name, value }) => `${name} ${value.textContent}`);
    canvas.setAttribute("aria-valuetext", `${clock(at_us / 1e6, 0.01)}: ${values.join(", ")}`);
    summary.textContent = shown.map(({ name, values }) => {
      let [low, high] = [Infinity, -Infinity];
      for (const value of values.subarray(0, data.length)) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      return low > high ? `${name} not visible` : `${name} ${text(low)} to ${text(high)}`;
    }).join(", ");
  }

  /** @param {number} value */
  const text = (value) =>
    Number.isFinite(value) ? `${value.toFixed(0).replace("-", "−")}${chart.data.unit}` : "–";

  /** Draw with the next frame. @param {boolean} stale whether more than the play head has changed */
  function request(stale) {
    isStale ||= stale;
    frame ||= requestAnimationFrame(draw);
  }

  const isRecorded = () => store.state.mode === "recorded";
  attachPointer(chart, {
    seek: (time_us) => {
      if (isRecorded()) actions.seek(Math.min(Math.max(time_us, chart.whole[0]), chart.whole[1]));
    },
    step: (n) => isRecorded() && actions.step(n),
    redraw: (isSame) => request(!isSame),
  });
  const stale = () => request(true);
  view.addEventListener("change", stale);
  store.on(["historyVersion", "settings", "mode", "job", "repetitions"], stale);
  store.on(["time_us", "shown"], () => request(false));
  new ResizeObserver(stale).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", stale);
  stale();
}

/** @param {Curve} curve */
function legendChip({ name, color }) {
  const dot = element("i", { class: "dot" });
  const made = element("span", { class: "chip" }, dot, name, element("span", { class: "number" }));
  made.style.color = color;
  return made;
}
