/** Live: the camera of the browser, or a camera of the server, through a live session. */

import { delay } from "./api.js";
import { CameraFeed } from "./camera_feed.js";
import { camerasOfBrowser } from "./capture.js";
import { sizeOf } from "./encoders.js";
import { FrameMeter } from "./frame_meter.js";
import { History } from "./history.js";
import { LiveFrames } from "./live_frames.js";
import { saveSnapshot } from "./snapshot.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./camera_feed.js").FeedTarget} FeedTarget
 * @typedef {import("./encoders.js").Picture} Picture
 * @typedef {import("./types.js").LiveSource} LiveSource
 */

const HISTORY_US = 120e6;
const STALE_MS = 1000; // without a result for so long, pictures are shown without one
const FIGURES_MS = 500;
const FIND_MS = [500, 2000, 5000, 15000, 30000]; // between looks for a recording whose connection was lost

/** @implements {FeedTarget} */
class Live {
  /** @param {App} app */
  constructor(app) {
    this._app = app;
    this._frames = new LiveFrames();
    this._feed = new CameraFeed(app, this._frames, this);
    this._asked = this._attempt = 0; // grow with each camera and session that is asked for, or left
    this._timer = 0;
    /** @type {import("./engine.js").LiveSession|null} */
    this._session = null;
    this._meter = new FrameMeter();
    this._n_lost = 0;
    this._answered_ms = -Infinity;
    this.takesFrames = false;
    this._options = app.store.state.options; // that the engine has confirmed
    this._settings = app.store.state.settings; // that the session and the camera follow
  }

  get isOpen() {
    return this._app.store.state.mode === "live";
  }

  get takesPictures() {
    return this.isOpen && !this._app.store.state.isPaused && !document.hidden;
  }

  get _isFresh() {
    return performance.now() - this._answered_ms <= STALE_MS;
  }

  get showsNow() {
    return !this._app.store.state.settings.locked || !this._isFresh;
  }

  /** @param {string} [id] of a camera of the browser */
  async startCamera(id) {
    const isSwitch = this._feed.camera !== null;
    const asked = ++this._asked;
    this._feed.camera?.close(); // phones open one at a time
    const camera = await this._feed.ask(id);
    if (asked !== this._asked) return camera?.close();
    if (!camera) return isSwitch ? this._app.actions.close() : undefined;
    if (!isSwitch) await this._app.actions.close();
    await this._feed.use(camera);
    if (!isSwitch) await this._open({ kind: "push" }, camera.name);
  }

  /** @param {LiveSource} source @param {string} name */
  async startSource(source, name) {
    await this._app.actions.close();
    this._app.store.setSettings({ mirror: false });
    await this._open(source, name);
  }

  /** @param {LiveSource} source @param {string} title */
  async _open(source, title) {
    const { store, engine } = this._app;
    const { options, settings } = store.state;
    [this._options, this._settings] = [options, settings];
    this._answered_ms = -Infinity;
    this._n_lost = 0;
    this._meter = new FrameMeter();
    this._app.history = new History(HISTORY_US);
    store.set({ mode: "live", title, isPaused: false, isBusy: true });
    this._timer = setInterval(() => {
      store.set({ fps: this._meter.fps(performance.now()), times: this._meter.times() });
    }, FIGURES_MS);
    const attempt = ++this._attempt;
    const session = await engine.openLive({ source, options, exercise: settings.exercise }, this._events);
    if (attempt === this._attempt) this._session = session;
    else session.close();
  }

  /** @returns {import("./engine.js").LiveEvents} */
  get _events() {
    const { store, tell, actions } = this._app;
    let isLost = false;
    return {
      onReady: ({ options }) => {
        if (isLost) tell("The connection is back.");
        isLost = false;
        this.takesFrames = true;
        this._options = options;
        store.set({ options, isBusy: false });
      },
      onInterrupted: () => {
        isLost = true;
        this._n_lost += 1;
        this.takesFrames = false;
        this._frames.clear();
        this._feed.needKey();
        if (store.state.isRecording) void this._findRecording();
        store.set({ isRecording: false });
      },
      onResult: (result) => this._onResult(result),
      onDropped: (seqs) => seqs.forEach((seq) => this._frames.drop(seq)),
      onPicture: (seq, picture, capture_ms) => {
        this._frames.add({ seq, picture, capture_ms, sent_ms: performance.now() });
        if (this.showsNow && this.takesPictures) this.showPicture(picture);
      },
      onMask: (seq, mask) => this._frames.addMask(seq, mask),
      onState: (liveState) => {
        const { counts } = liveState;
        const { n_skipped, n_back } = this._feed; // of the camera's frames, which the engine has not seen
        const seen = counts.seen + n_skipped;
        const dropped = counts.dropped + n_skipped;
        const reconnected = counts.reconnected + this._n_lost + n_back;
        store.set({ liveState: { ...liveState, counts: { ...counts, seen, dropped, reconnected } } });
      },
      onError: ({ code, message, hint }) => {
        tell(message, hint, "error");
        store.set({ isBusy: false, options: this._options });
        if (code === "recording_failed") store.set({ isRecording: false });
      },
      onClose: () => void actions.close(),
    };
  }

  /** @param {import("./engine.js").EncodedFrame} frame */
  push(frame) {
    this._session?.push(frame);
  }

  /** @param {import("./engine.js").LiveResult} live */
  _onResult({ seq, result, repetitions, t }) {
    if (!this.takesPictures && this._feed.camera) return this._frames.drop(seq);
    const app = this._app;
    const { settings, shown, historyVersion, isPaused } = app.store.state;
    const { frame, mask } = this._frames.take(seq);
    const { timestamp_us: time_us, width, height } = result;
    if ((app.history.results.at(-1)?.timestamp_us ?? -1) >= time_us) app.history = new History(HISTORY_US);
    app.history.add(result);
    this._answered_ms = performance.now();
    const image = settings.locked ? frame?.picture : shown?.image;
    const changed = { time_us, historyVersion: historyVersion + 1 };
    if (image && !isPaused) this._show({ image, width, height, result, mask, repetitions }, changed);
    else app.store.set(changed);
    this._frames.release(frame?.picture);
    this._frames.release(mask);
    if (!frame) return;
    const sent = this._feed.camera ? frame.sent_ms : undefined;
    const marks = { ...t, capture: frame.capture_ms, sent };
    requestAnimationFrame(() => this._meter.add({ ...marks, drawn: performance.now() }));
  }

  /**
   * Show the newest picture, with the newest result if that is still fresh.
   * @param {Picture} image
   */
  showPicture(image) {
    const { shown } = this._app.store.state;
    const [width, height] = sizeOf(image);
    if (shown?.result && this._isFresh) this._show({ ...shown, image });
    else this._show({ image, width, height, result: null });
  }

  /** @param {import("./types.js").Shown} shown @param {Partial<import("./types.js").State>} [changed] */
  _show(shown, changed) {
    this._app.store.set({ shown, ...changed });
    this._frames.show([shown.image, shown.mask]);
  }

  /** Follow the settings that concern a session. */
  async onSettings() {
    const before = this._settings;
    if (!this._session) return;
    this._settings = this._app.store.state.settings;
    const { exercise, codec } = this._settings;
    if (exercise !== before.exercise) this._session.setExercise(exercise);
    if (codec !== before.codec) await this._feed.followCodec();
  }

  /** Browsers slow down pages that are not seen: nothing is sent from them. */
  onVisibility() {
    if (!this._session || !this._feed.camera || this._app.store.state.isPaused) return;
    this._pause(document.hidden);
    if (document.hidden) this._app.tell("The camera was paused while this page was hidden.");
  }

  togglePlay() {
    const isPaused = !this._app.store.state.isPaused;
    this._app.store.set({ isPaused });
    this._pause(isPaused);
  }

  /** @param {boolean} isPaused */
  _pause(isPaused) {
    this._frames.clear();
    this._feed.needKey();
    if (isPaused) this._session?.pause();
    else this._session?.resume();
  }

  /** @param {boolean} [on] */
  async record(on = !this._app.store.state.isRecording) {
    const { store } = this._app;
    if (!this._session || on === store.state.isRecording) return;
    store.set({ isRecording: on });
    const recording = await this._session.record(on);
    if (recording) this._addRecording({ kind: "file", is_recording: true, ...recording });
  }

  /** @param {Extract<import("./types.js").OpenedInput, {kind: "file"}>} recording */
  _addRecording({ kind, file, job, is_recording }) {
    const { info, tell } = this._app;
    info.inputs.push({ kind, file, job, is_recording });
    tell(`Recorded ${file.name}.`, "Open it from the list of sources.");
  }

  /** The engine keeps a recording whose connection was lost, unless it has ended itself. */
  async _findRecording() {
    const { info, engine, tell } = this._app;
    const known = info.inputs.map((input) => input.kind === "file" && input.file.id);
    for (const wait_ms of FIND_MS) {
      await delay(wait_ms);
      const { inputs = [] } = await engine.info().catch(() => info);
      for (const input of inputs) {
        if (input.kind === "file" && input.is_recording && !known.includes(input.file.id)) return this._addRecording(input);
      }
    }
    tell("The recording was not found again.", "", "error");
  }

  /** @param {import("./types.js").TrackerOptions} changed */
  async setOptions(changed) {
    const { store } = this._app;
    store.set({ options: { ...store.state.options, ...changed }, isBusy: this._session !== null });
    this._session?.setOptions(changed);
  }

  reset() {
    this._session?.reset();
  }

  /** Leave the source. */
  stop() {
    const { store } = this._app;
    this._attempt += 1;
    this._asked += 1;
    clearInterval(this._timer);
    this._session?.close();
    this._session = null;
    this.takesFrames = false;
    this._feed.close();
    this._frames.clear();
    const isMine = this._frames.isShowing(store.state.shown?.image);
    store.set({ liveState: null, times: null, fps: 0, isBusy: false, isRecording: false, ...(isMine && { shown: null }) });
    this._frames.show([]);
  }
}

/** @param {App} app */
export function mount(app) {
  const live = new Live(app);
  const { store } = app;
  store.on(["settings"], () => void live.onSettings());
  store.on(["mode"], () => live.isOpen || live.stop());
  document.addEventListener("visibilitychange", () => live.onVisibility());
  void camerasOfBrowser().then((cameras) => store.set({ cameras }));
  Object.assign(app.actions, {
    startCamera: live.startCamera.bind(live),
    startSource: live.startSource.bind(live),
    close: async () => {
      await live.record(false);
      store.set({ mode: "empty", title: "", isPaused: false });
    },
    togglePlay: live.togglePlay.bind(live),
    record: live.record.bind(live),
    snapshot: () => saveSnapshot(app),
    setOptions: live.setOptions.bind(live),
    reset: live.reset.bind(live),
  });
}
