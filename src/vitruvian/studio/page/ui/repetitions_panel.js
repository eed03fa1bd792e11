/** Repetitions panel: the exercise, the counts of everyone, and the repetitions of a recorded clip. */

import { exerciseAngle } from "./angles.js";
import { byId, element } from "./app.js";
import { followedId, personColor, poseOf } from "./people.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Exercise} Exercise */

const LEAST_WAIT_MS = 2000; // between two requests while a job runs
const HEADS = ["No.", "Start", "Range", "Out", "Back"];

/** @param {App} app */
export function mount(app) {
  const { store, info } = app;
  const exercises = [{ name: "", title: "No exercise" }, ...info.exercises];
  const select = element("select", { "aria-label": "Exercise" });
  select.append(...exercises.map(({ name, title }) => element("option", { value: name }, title)));
  select.addEventListener("change", () => store.setSettings({ exercise: select.value }));
  const hint = element("p", { class: "muted" }, "Choose an exercise to count its repetitions.");
  const cards = element("div", { class: "reps" });
  const body = element("tbody");
  const table = element(
    "table", { class: "rep-table", "aria-label": "Repetitions" },
    element("thead", {}, element("tr", {}, ...HEADS.map((head) => element("th", { scope: "col" }, head)))),
    body,
  );
  byId("repetitions").append(
    element("div", { class: "chart-bar" }, element("h2", {}, "Repetitions"), select),
    hint, cards, table,
  );
  /** @type {Map<number|null, ReturnType<typeof personCard>>} */
  const known = new Map();
  /** @type {import("./types.js").RepetitionSpan[]|null} */
  let listed = null;

  function draw() {
    frame = 0;
    const { settings, repetitions, mode, time_us } = store.state;
    const exercise = info.exercises.find(({ name }) => name === settings.exercise);
    select.value = exercise?.name ?? "";
    hint.hidden = Boolean(exercise);
    const counts = exercise ? countsOf(app) : [];
    for (const [id, { card }] of known) {
      if (counts.some((count) => count.id === id)) continue;
      card.remove();
      known.delete(id);
    }
    for (const { id, count, total } of counts) {
      const made = known.get(id) ?? personCard(app, id);
      if (!known.has(id)) cards.append(made.card);
      known.set(id, made);
      made.update(exercise, count, total, counts.length > 1);
    }
    const followed = followedId(app);
    const found = (exercise && mode === "recorded" && repetitions?.find(({ id }) => id === followed)?.repetitions) || [];
    table.hidden = !found.length;
    if (found !== listed) body.replaceChildren(...found.map((span) => repetitionRow(app, span)));
    listed = found;
    found.forEach(({ start_us, end_us }, i) => {
      const isNow = time_us >= start_us && time_us <= end_us;
      body.rows[i].toggleAttribute("aria-current", isNow);
    });
  }

  let frame = 0;
  const request = () => (frame ||= requestAnimationFrame(draw));
  store.on(["settings", "shown", "repetitions", "mode", "time_us"], request);
  request();
  askForRepetitions(app);
}

/** Counts of everyone: live the newest, recorded those up to the play head. @param {App} app */
function countsOf({ store }) {
  const { mode, shown, repetitions, time_us } = store.state;
  if (mode !== "recorded") {
    return (shown?.repetitions ?? []).map(({ id, count }) => ({ id, count, total: null }));
  }
  return (repetitions ?? []).map(({ id, count, repetitions: spans }) => {
    const done = spans.filter(({ is_partial, end_us }) => !is_partial && end_us <= time_us + 500);
    return { id, count: done.length, total: `of ${count}${spans.length > count ? `, ${spans.length - count} partial` : ""}` };
  });
}

/** A large count with a gauge of the angle. @param {App} app @param {number|null} id */
function personCard(app, id) {
  const name = element("span", { class: "chip" }, `Person ${id ?? ""}`);
  const number = element("strong", { class: "rep-count" });
  const note = element("span", { class: "muted" });
  const text = element("span");
  const gauge = element("div", { class: "gauge", role: "meter", "aria-valuemin": 0, "aria-valuemax": 180 });
  const card = element("article", { class: "rep" }, name, element("p", { role: "status" }, number, " ", note), gauge, text);
  card.style.setProperty("--c", personColor(app, id));
  /** @param {Exercise|undefined} exercise @param {number} count @param {string|null} total @param {boolean} isNamed */
  const update = (exercise, count, total, isNamed) => {
    if (!exercise) return;
    name.hidden = !isNamed;
    if (number.textContent !== `${count}`) number.textContent = `${count}`;
    note.textContent = total ?? (count === 1 ? "repetition" : "repetitions");
    const pose = poseOf(app.store.state.shown?.result, id);
    const angle = pose ? exerciseAngle(exercise, pose) : NaN;
    const isKnown = Number.isFinite(angle);
    const joint = exercise.joint[0].toUpperCase() + exercise.joint.slice(1);
    text.textContent = isKnown ? `${joint} ${angle.toFixed(0)}° · ${phase(exercise, angle)}` : `${joint} not visible`;
    gauge.classList.toggle("is-unknown", !isKnown);
    gauge.setAttribute("aria-label", `${joint} angle`);
    gauge.setAttribute("aria-valuenow", isKnown ? angle.toFixed(0) : "0");
    gauge.setAttribute("aria-valuetext", text.textContent);
    for (const [key, degrees] of Object.entries({ at: angle || 0, low: exercise.low_deg, high: exercise.high_deg })) {
      gauge.style.setProperty(`--${key}`, `${(degrees / 180) * 100}%`);
    }
  };
  return { card, update };
}

/** @param {Exercise} exercise @param {number} angle */
function phase(exercise, angle) {
  if (angle > exercise.low_deg && angle < exercise.high_deg) return "moving";
  return angle >= exercise.high_deg === (exercise.rest === "high") ? "at rest" : "turning point";
}

/** @param {App} app @param {import("./types.js").RepetitionSpan} span */
function repetitionRow(app, span) {
  const go = element("button", { class: "quiet" }, `${span.number}${span.is_partial ? " partial" : ""}`);
  go.addEventListener("click", () => app.actions.seek(span.start_us));
  const values = [
    `${(span.start_us / 1e6).toFixed(1)} s`, `${span.range_deg.toFixed(0)}°`,
    `${span.down_s.toFixed(1)} s`, `${span.up_s.toFixed(1)} s`,
  ];
  return element("tr", {}, element("th", { scope: "row" }, go), ...values.map((value) => element("td", {}, value)));
}

/** Ask the engine for the repetitions of a recorded clip whenever there are more results. @param {App} app */
function askForRepetitions(app) {
  const { store } = app;
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
    try {
      store.set({ repetitions: await app.engine.repetitions(job.id, exercise) });
    } catch (error) {
      store.set({ repetitions: null });
      app.tell(`Repetitions could not be counted: ${/** @type {Error} */ (error).message}`, "", "error");
    }
    const wait = Math.max(LEAST_WAIT_MS, 10 * (performance.now() - start));
    setTimeout(() => {
      isAsking = false;
      ask();
    }, job.state === "running" ? wait : 0);
  }
  store.on(["mode", "job", "settings"], ask);
}
