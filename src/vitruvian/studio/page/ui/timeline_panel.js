/** Timeline panel: play head, speed, loop, coverage of each person, progress of upload and job. */

import { byId, eachFrame, element } from "./app.js";
import { button, relabel, select } from "./controls.js";
import { Coverage } from "./coverage.js";
import { coverageText, drawCoverage } from "./coverage_bars.js";
import { frameAt } from "./frame_times.js";
import { isActive } from "./job_progress.js";

/** @import { App } from "./app.js" */
/** @import { Job } from "./types.js" */

/** @type {[string, string][]} */
const SPEEDS = [["0.25", "×¼"], ["0.5", "×½"], ["1", "×1"], ["2", "×2"], ["4", "×4"]];

/** @param {number} time_us */
const seconds = (time_us) => `${(time_us / 1e6).toFixed(3)} s`;

/** @param {App} app */
export function mount(app) {
  const { store, actions, info } = app;
  let coverage = new Coverage(app.history);
  let isDragged = false;

  const play = button("play", "Play (Space)", () => actions.togglePlay());
  const speed = select({ "aria-label": "Speed", title: "Speed" }, SPEEDS, (value) => actions.setSpeed(Number(value)));
  const time = element("output", { class: "time", "aria-live": "off" });
  const start = button("loop-start", "Loop from here ([)", () => actions.loopStart());
  const end = button("loop-end", "Loop to here (])", () => actions.loopEnd());
  const unloop = button("close", "No loop", () => store.set({ loop: null }));
  const progress = element("span", { class: "progress" });
  const stop = button("stop", "", () => (store.state.upload ? actions.close() : actions.stopJob()), { isShown: true });
  const again = button("loop", "Track again", () => actions.setOptions({}), { isShown: true });

  const done = element("div", { class: "tracked" });
  const band = element("div", { class: "band" });
  const head = element("div", { class: "head" });
  const tip = element("div", { class: "tip", hidden: true });
  const bars = element("canvas", { role: "img" });
  const track = element("div", { class: "track", role: "slider", tabIndex: 0, "aria-label": "Play head", "aria-valuemin": "0" },
    element("div", { class: "rail" }, done, band));
  const area = element("div", { class: "area" }, track, element("div", { class: "bars" }, bars), head, tip);
  const transport = element("div", { class: "transport" },
    button("back", "Frame back (←)", () => actions.step(-1)), play, button("forward", "Frame forward (→)", () => actions.step(1)),
    speed, start, end, unloop, time);
  const row = element("div", { class: "controls" }, transport, progress, stop, again);

  const times = () => store.state.frameTimes_us ?? [];
  const last_us = () => times().at(-1) || 1;
  const share = (/** @type {number} */ time_us) => `${Math.min(Math.max(time_us / last_us(), 0), 1) * 100}%`;
  const timeAt = (/** @type {PointerEvent} */ event) => {
    const { left, width } = track.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * last_us();
  };

  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    isDragged = true;
    area.setPointerCapture(event.pointerId);
    track.focus();
    event.preventDefault();
    void actions.seek(timeAt(event));
  });
  area.addEventListener("pointermove", (event) => {
    const time_us = timeAt(event);
    if (isDragged) void actions.seek(time_us);
    const n = frameAt(times(), time_us);
    tip.hidden = false;
    tip.textContent = `${seconds(times()[n] ?? 0)} · frame ${n + 1}`;
    tip.style.left = share(time_us);
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) area.addEventListener(name, () => (isDragged = false));
  area.addEventListener("pointerleave", () => (tip.hidden = true));

  track.onkeydown = ({ key }) => { // the other keys are those of the page
    const frames = { ArrowUp: 1, ArrowDown: -1 }[key];
    const tenths = { PageUp: 1, PageDown: -1 }[key];
    if (frames) actions.step(frames);
    if (tenths) void actions.seek(store.state.time_us + (tenths * last_us()) / 10);
  };

  function update() {
    const { mode, file, upload } = store.state;
    const isShown = upload || (mode === "recorded" && (file?.kind !== "image" || isActive(store.state.job)));
    const content = isShown ? [row, area] : [];
    if (byId("timeline").childElementCount !== content.length) byId("timeline").replaceChildren(...content);
    area.hidden = transport.hidden = file?.kind === "image" || !file;
    updateProgress();
    draw();
  }

  function updateProgress() {
    const { job, upload } = store.state;
    stop.hidden = !upload && !isActive(job);
    again.hidden = job?.state !== "failed" && job?.state !== "stopped";
    relabel(stop, "stop", upload ? "Cancel" : "Stop");
    if (upload) progress.textContent = `Uploading ${upload.name}: ${Math.floor(upload.share * 100)} %`;
    else if (!job || job.state === "done") progress.textContent = "";
    else progress.textContent = jobText(job);
  }

  function updateHead() {
    const { time_us, loop, isPaused } = store.state;
    const n = frameAt(times(), time_us);
    head.style.left = share(time_us);
    band.hidden = unloop.hidden = !loop;
    if (loop) Object.assign(band.style, { left: share(loop.start_us), right: `calc(100% - ${share(loop.end_us)})` });
    done.style.width = share(app.history.results.at(-1)?.timestamp_us ?? 0);
    const words = `${seconds(time_us)}, frame ${n + 1} of ${times().length}`;
    track.setAttribute("aria-valuemax", String(last_us() / 1e6));
    track.setAttribute("aria-valuenow", String(time_us / 1e6));
    track.setAttribute("aria-valuetext", words);
    time.replaceChildren(seconds(time_us), element("span", { class: "muted" }, ` / ${seconds(times().at(-1) ?? 0)} · frame ${n + 1} / ${times().length}`));
    relabel(play, isPaused ? "play" : "pause", isPaused ? "Play" : "Pause");
    speed.value = String(store.state.speed);
  }

  function updateBars() {
    if (coverage.history !== app.history) coverage = new Coverage(app.history);
    coverage.update();
    drawCoverage(bars, coverage, times(), info);
    bars.setAttribute("aria-label", coverageText(coverage));
  }

  const draw = eachFrame((all) => {
    if (!store.state.frameTimes_us || !area.isConnected) return;
    updateHead();
    if (all) updateBars();
  }, area);

  store.on(["mode", "file", "upload", "job"], update);
  store.on(["historyVersion", "frameTimes_us", "settings"], () => draw());
  store.on(["time_us", "loop", "isPaused", "speed"], () => draw(false));
  update();
}

/** @param {Job} job */
function jobText({ state, n_done, n_total, fps, seconds_left }) {
  if (state === "queued") return "Waiting for another file to be tracked";
  if (state !== "running") return `${state === "failed" ? "Failed" : "Stopped"} after ${n_done} frames`;
  const parts = [n_total ? `Tracking ${Math.floor((100 * n_done) / n_total)} %` : `Tracking: ${n_done} frames`];
  if (fps) parts.push(`${fps.toFixed(0)} fps`);
  if (seconds_left !== null) parts.push(`${Math.ceil(seconds_left)} s left`);
  return parts.join(" · ");
}
