/** Recorded: opens videos, images and results, tracks them, and moves the play head. */

import { download, tellError } from "./api.js";
import { frameAt } from "./frame_times.js";
import { History } from "./history.js";
import { followJob, isActive } from "./job_progress.js";
import { openPlayer } from "./open_player.js";

/** @import { App } from "./app.js" */
/** @import { Player } from "./player.js" */
/** @import { Job, MediaFile, TrackerOptions } from "./types.js" */

const DRAWN = /** @type {const} */ (["skeleton", "landmarks", "hidden", "box", "roi", "score", "mask"]);

/** Ignore the answer. @param {Promise<void>} doing */
const quietly = (doing) => void doing.catch(() => {});

class Recorded {
  /** @param {App} app */
  constructor(app) {
    this._app = app;
    /** @type {Player|null} */
    this.player = null;
    this._opened = new AbortController();
    this._tracked = new AbortController();
    this._attempt = 0;
  }

  /** Upload a file, and track it or show the results that come with it. @param {File} file @param {File} [results] */
  async openFile(file, results) {
    const { actions, engine, info, store, tell } = this._app;
    const gb = info.limits.max_upload / 1024 ** 3;
    if (file.size > info.limits.max_upload) {
      return tell(`${file.name} is larger than ${gb.toFixed(1)} GB.`, "`--max-upload` raises the limit.", "error");
    }
    await actions.close();
    const { signal } = (this._opened = new AbortController());
    /** @param {number} share */
    const onProgress = (share) => signal.aborted || store.set({ upload: { name: file.name, share } });
    onProgress(0);
    store.set({ isBusy: true });
    /** @type {MediaFile[]} */
    const media = [];
    try {
      media.push(await engine.openFile(file, onProgress, signal));
      if (results) media.push(await engine.openFile(results, () => {}, signal));
      const job = results && (await engine.attach(media[0], media[1]));
      signal.throwIfAborted();
      await this.openMedia(media[0], job?.id);
    } catch (error) {
      for (const { id } of media) quietly(engine.closeFile(id));
      tellError(this._app, error);
      if (!signal.aborted) store.set({ isBusy: false, upload: null });
    }
  }

  /**
   * Show a file that the server holds, with the results of a job or else of a new one.
   * @param {MediaFile} file @param {string|null} [job]
   */
  async openMedia(file, job = file.job) {
    const { actions, engine, store } = this._app;
    await actions.close();
    const { signal } = (this._opened = new AbortController());
    store.set({ mode: "recorded", title: file.name, file, isPaused: true, time_us: 0, speed: 1, fps: 0 });
    const start = () => (job ? engine.job(job) : engine.track(file, store.state.options));
    const opening = openPlayer(this._app, file, signal).then((player) => {
      if (signal.aborted) return;
      this.player = player;
      player.refresh();
    });
    const told = (/** @type {unknown} */ error) => void (signal.aborted || tellError(this._app, error));
    await Promise.all([opening.catch(told), this._track(start).catch(told)]);
  }

  /** @param {() => Promise<Job>} start */
  async _track(start) {
    const { store, engine } = this._app;
    const attempt = ++this._attempt;
    const { signal } = this._opened;
    const before = store.state.job;
    const job = await start();
    if (signal.aborted) return;
    if (attempt !== this._attempt) return quietly(engine.stopJob(job.id));
    if (before && isActive(before)) quietly(engine.stopJob(before.id));
    this._tracked.abort();
    this._tracked = new AbortController();
    this._app.history = new History();
    store.set({ historyVersion: store.state.historyVersion + 1 });
    this.player?.refresh();
    void followJob(this._app, job, () => this.player?.refresh(), this._tracked.signal);
  }

  /** Forget the file, and whatever is on its way. What the server opened itself stays open there. */
  leave() {
    const { engine, info, store } = this._app;
    const { file } = store.state;
    this._opened.abort();
    this._tracked.abort();
    const isInput = info.inputs.some((input) => input.kind === "file" && input.file.id === file?.id);
    if (file && !isInput) quietly(engine.closeFile(file.id));
    if (file) store.set({ shown: null });
    this.player = null;
    store.set({ file: null, job: null, upload: null, frameTimes_us: null, loop: null, isBusy: false });
  }

  /** @param {TrackerOptions} changed */
  async setOptions(changed) {
    const { engine, store } = this._app;
    const { file, options } = store.state;
    store.set({ options: { ...options, ...changed } });
    if (!file || file.kind === "results") return;
    await this._track(() => engine.track(file, store.state.options)).catch((error) => {
      store.set({ options });
      tellError(this._app, error);
    });
  }

  togglePlay() {
    if (this._app.store.state.isPaused) this.player?.play();
    else this.player?.pause();
  }

  /** @param {number} n */
  step(n) {
    if (!this._app.store.state.isPaused) this.player?.pause();
    void this.player?.show(this.player.target + n);
  }

  /** @param {number} time_us */
  async seek(time_us) {
    await this.player?.show(frameAt(this._app.store.state.frameTimes_us ?? [], time_us));
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this._app.store.set({ speed });
    if (!this._app.store.state.isPaused) this.player?.play();
  }

  /** @param {"start_us"|"end_us"} edge */
  setLoop(edge) {
    const { frameTimes_us, loop, time_us } = this._app.store.state;
    const whole = { start_us: 0, end_us: frameTimes_us?.at(-1) ?? 0 };
    let set = { ...(loop ?? whole), [edge]: time_us };
    if (set.start_us >= set.end_us) set = { ...whole, [edge]: time_us };
    this._app.store.set({ loop: set.start_us < set.end_us ? set : null });
  }

  async stopJob() {
    const { engine, store } = this._app;
    if (store.state.job) await engine.stopJob(store.state.job.id);
  }

  /**
   * Save the results; pictures and videos look as on the page, motion is that of the chosen person.
   * @param {string} suffix
   */
  async exportAs(suffix) {
    const { store, info } = this._app;
    const { job, settings } = store.state;
    if (!job) return;
    const format = info.formats.find((each) => each.suffix === suffix);
    const query = new URLSearchParams({ format: suffix });
    if (format?.draws) {
      for (const name of DRAWN) query.set(name, String(Number(settings[name])));
      query.set("min_visibility", String(settings.minVisibility));
    }
    if (format?.is_motion && settings.person !== null) query.set("person", String(settings.person));
    store.set({ isBusy: true });
    await download(`/api/jobs/${job.id}/export?${query}`).finally(() => store.set({ isBusy: false }));
  }
}

/** @param {App} app */
export function mount(app) {
  const { actions, info, store } = app;
  const live = { ...actions };
  const recorded = new Recorded(app);
  const isLive = () => store.state.mode === "live";
  /**
   * @template {any[]} T
   * @param {(...values: T) => Promise<void>} act
   */
  const told = (act) => (/** @type {T} */ ...values) => act(...values).catch((error) => tellError(app, error));
  Object.assign(actions, {
    openFile: recorded.openFile.bind(recorded),
    openMedia: recorded.openMedia.bind(recorded),
    close: () => (recorded.leave(), live.close()),
    togglePlay: () => (isLive() ? live.togglePlay() : recorded.togglePlay()),
    step: recorded.step.bind(recorded),
    seek: recorded.seek.bind(recorded),
    setSpeed: recorded.setSpeed.bind(recorded),
    loopStart: () => recorded.setLoop("start_us"),
    loopEnd: () => recorded.setLoop("end_us"),
    setOptions: (/** @type {TrackerOptions} */ changed) =>
      isLive() ? live.setOptions(changed) : recorded.setOptions(changed),
    openDemo: told(async () => recorded.openMedia(await app.engine.openDemo())),
    stopJob: told(() => recorded.stopJob()),
    exportAs: told((/** @type {string} */ suffix) => recorded.exportAs(suffix)),
  });
  store.on(["settings"], () => recorded.player?.refresh()); // the mask may be wanted now
  addEventListener("pagehide", ({ persisted }) => persisted || recorded.leave());
  queueMicrotask(() => {
    const input = info.inputs.find((each) => each.kind !== "file" || !each.is_recording);
    if (input?.kind === "file") void actions.openMedia(input.file, input.job);
    else if (input) void actions.startSource({ kind: "server", id: input.id }, input.name);
  });
}
