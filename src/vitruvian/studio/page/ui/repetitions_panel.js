/** Repetitions panel: the exercise, a count for each person, and the repetitions of a recorded clip. */

import { exerciseAngle } from "./angles.js";
import { byId, eachFrame, element } from "./app.js";
import { row, select } from "./controls.js";
import { followed, inkOf, poseOf } from "./people.js";

/** @import { App } from "./app.js" */
/** @import { Exercise, RepetitionSpan } from "./types.js" */

const WAIT_MS = 2000; // between two requests while a job runs, at least
const LIVE_MS = 100; // between two drawings
const HEADS = ["No.", "Start", "Range", "Out", "Back"];

/** @param {App} app */
export function mount(app) {
  const { store, info } = app;
  const choose = (/** @type {string} */ exercise) => {
    const joint = info.exercises.find(({ name }) => name === exercise)?.joint;
    const angles = joint ? { angles: [`left_${joint}`, `right_${joint}`] } : {}; // the chart shows what is counted
    store.setSettings({ exercise, ...angles });
  };
  const choices = info.exercises.map(({ name, title }) => /** @type {[string, string]} */ ([name, title]));
  const chosen = select({}, [["", "None"], ...choices], choose);
  const note = element("small");
  const cards = element("div", { class: "reps" });
  const body = element("tbody");
  const heads = HEADS.map((head) => element("th", { scope: "col" }, head));
  const table = element("table", { class: "rep-table", "aria-label": "Repetitions" }, element("thead", {}, element("tr", {}, ...heads)), body);
  byId("repetitions").append(row("Exercise", chosen), cards, table, note);
  /** @type {ReturnType<typeof personCard>[]} */
  let people = [];
  let key = "";
  /** @type {RepetitionSpan[]} */
  let listed = [];

  function draw() {
    const { settings, repetitions, mode, time_us } = store.state;
    const exercise = info.exercises.find(({ name }) => name === settings.exercise);
    chosen.value = exercise?.name ?? "";
    note.textContent = exercise && exercise.joint !== "shoulder" ? `A straight ${exercise.joint} has 180° here, and 0° in the chart.` : "";
    const counts = exercise ? countsOf(app) : [];
    const wanted = [settings.exercise, mode, ...counts.map(({ id }) => id)].join();
    const isHidden = mode === "live" && !counts.length && key.startsWith(wanted); // keep the count of one who comes back
    if (key !== wanted && !isHidden) {
      key = wanted;
      people = counts.map(({ id }) => personCard(app, id));
      cards.replaceChildren(...people.map(({ card }) => card));
    }
    if (exercise) counts.forEach(({ count, note }, i) => people[i].update(exercise, count, note, counts.length > 1));
    const { id } = followed(app);
    const found = (exercise && repetitions?.find((person) => person.id === id)?.repetitions) || [];
    if (found !== listed) body.replaceChildren(...found.map((span) => repetitionRow(app, span)));
    listed = found;
    table.hidden = !found.length;
    found.forEach(({ start_us, end_us }, i) => {
      body.rows[i].setAttribute("aria-current", String(time_us >= start_us && time_us <= end_us));
    });
  }

  const request = eachFrame(draw);
  store.on(["settings", "shown", "repetitions", "mode", "time_us"], request, LIVE_MS);
  request();
  askForRepetitions(app);
}

/** Live the newest counts, recorded those up to the play head. @param {App} app */
function countsOf({ store }) {
  const { mode, shown, repetitions, time_us } = store.state;
  if (mode === "live") return (shown?.repetitions ?? []).map(({ id, count }) => ({ id, count, note: "" }));
  return (repetitions ?? []).map(({ id, count, repetitions: spans }) => {
    const partial = spans.length > count ? ` + ${spans.length - count} partial` : "";
    const done = spans.filter((span) => !span.is_partial && span.end_us <= time_us + 500);
    return { id, count: done.length, note: `of ${count}${partial}` };
  });
}

/** A large count, and the angle on a gauge whose ends are rest and turning point. @param {App} app @param {number|null} id */
function personCard(app, id) {
  const name = element("span", { class: "chip" }, `Person ${id ?? ""}`);
  const number = element("strong", { class: "rep-count", role: "status" });
  const small = element("small");
  const text = element("span");
  const gauge = element("div", { class: "gauge", role: "meter", "aria-valuemin": 0, "aria-valuemax": 180 });
  const card = element("article", { class: "rep" }, name, element("p", {}, number, small), gauge, text);
  card.style.setProperty("--c", inkOf(app, id));
  /** @param {Exercise} exercise @param {number} count @param {string} note @param {boolean} isNamed */
  const update = (exercise, count, note, isNamed) => {
    const pose = poseOf(app.store.state.shown?.result, id);
    const angle = pose ? exerciseAngle(exercise, pose) : NaN;
    const isKnown = !Number.isNaN(angle);
    name.hidden = !isNamed;
    if (number.textContent !== `${count}`) number.textContent = `${count}`;
    small.textContent = note;
    text.textContent = isKnown ? `${exercise.joint} ${angle.toFixed(0)}° · ${phase(exercise, angle)}` : `${exercise.joint} not visible`;
    const state = { label: exercise.joint, valuenow: isKnown ? angle.toFixed(0) : 0, valuetext: text.textContent };
    for (const [key, value] of Object.entries(state)) gauge.setAttribute(`aria-${key}`, String(value));
    const marks = { at: isKnown ? angle : -20, low: exercise.low_deg, high: exercise.high_deg };
    for (const [key, degrees] of Object.entries(marks)) gauge.style.setProperty(`--${key}`, `${degrees / 1.8}%`);
  };
  return { card, update };
}

/** @param {Exercise} exercise @param {number} angle */
function phase({ low_deg, high_deg, rest }, angle) {
  if (angle > low_deg && angle < high_deg) return "moving";
  return angle >= high_deg === (rest === "high") ? "at rest" : "turning point";
}

/** @param {App} app @param {RepetitionSpan} span */
function repetitionRow({ actions }, { number, is_partial, start_us, range_deg, down_s, up_s }) {
  const title = is_partial ? "Cut off by the clip" : "Go to its start";
  const go = element("button", { class: "quiet", title, onclick: () => actions.seek(start_us) }, `${number}${is_partial ? " partial" : ""}`);
  const values = [`${(start_us / 1e6).toFixed(1)} s`, `${range_deg.toFixed(0)}°`, `${down_s.toFixed(1)} s`, `${up_s.toFixed(1)} s`];
  return element("tr", {}, element("th", { scope: "row" }, go), ...values.map((value) => element("td", {}, value)));
}

/** Ask the engine for the repetitions of a recorded clip whenever there are more results. @param {App} app */
function askForRepetitions({ store, engine, tell }) {
  let asked = "";
  let isAsking = false;
  async function ask() {
    const { mode, job, settings: { exercise } } = store.state;
    const key = mode === "recorded" && exercise && job?.n_done ? `${job.id} ${exercise} ${job.n_done}` : "";
    if (isAsking || key === asked) return;
    asked = key;
    if (!key || !job) return store.set({ repetitions: null });
    isAsking = true;
    const start = performance.now();
    const isOpen = () => store.state.job?.id === job.id; // it may have been closed meanwhile
    try {
      const repetitions = await engine.repetitions(job.id, exercise);
      if (isOpen()) store.set({ repetitions });
    } catch (error) {
      if (isOpen()) tell("Repetitions could not be counted.", /** @type {Error} */ (error).message, "error");
      store.set({ repetitions: null });
    }
    setTimeout(() => {
      isAsking = false;
      ask();
    }, job.state === "running" ? Math.max(WAIT_MS, 10 * (performance.now() - start)) : 0);
  }
  store.on(["mode", "job", "settings"], ask);
}
