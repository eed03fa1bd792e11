/** Live: the camera of the browser, or a camera of the server, through a live session. */

import { Camera, CameraError, camerasOfBrowser } from "./capture.js";
import { JpegEncoder, encoderFor, sizeOf } from "./encoders.js";
import { FrameMeter } from "./frame_meter.js";
import { History } from "./history.js";
import { LiveFrames } from "./live_frames.js";
import { saveSnapshot } from "./snapshot.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./encoders.js").Picture} Picture
 * @typedef {import("./engine.js").LiveEvents} LiveEvents
 * @typedef {import("./engine.js").LiveResult} LiveResult
 * @typedef {import("./types.js").LiveSource} LiveSource
 * @typedef {import("./types.js").TrackerOptions} TrackerOptions
 */

const HISTORY_US = 120e6;
const STALE_MS = 1000; // without a result for so long, pictures are shown without one
const TOLD_EVERY_MS = 500;
const SMALL = /** @type {[number, number]} */ ([640, 480]);
const LARGE = /** @type {[number, number]} */ ([1280, 720]);

class Live {
  /** @param {App} app */
  constructor(app) {
    this._app = app;
    this._frames = new LiveFrames();
    this._meter = new FrameMeter();
    /** @type {import("./engine.js").LiveSession|null} */
    this._session = null;
    /** @type {Camera|null} */
    this._camera = null;
    /** @type {import("./encoders.js").Encoder} */
    this._encoder = new JpegEncoder();
    this._attempt = 0; // grows when a session is opened or left
    this._asked = 0; // grows when a camera is asked for, or what it was asked for is left
    this._timer = 0;
    this._seq = 0;
    this._isReady = this._isEncoding = this._wasInterrupted = false;
    this._answered_ms = -Infinity;
    this._n_skipped = this._n_reconnected = 0;
    this._options = app.store.state.options; // that the engine has confirmed
    this._settings = app.store.state.settings; // that the session and the camera follow
  }

  _forget() {
    const { options, settings } = this._app.store.state;
    this._seq = this._n_skipped = this._n_reconnected = 0;
    this._isReady = this._isEncoding = this._wasInterrupted = false;
    this._answered_ms = -Infinity;
    [this._options, this._settings] = [options, settings];
    this._meter = new FrameMeter();
  }

  get isOpen() {
    return this._app.store.state.mode === "live";
  }

  get _isFrozen() {
    return this._app.store.state.isPaused || document.hidden;
  }

  /** @param {string} [id] of a camera of the browser */
  async startCamera(id) {
    const ask = ++this._asked;
    const isSwitch = this.isOpen && this._camera !== null;
    if (isSwitch) this._camera?.close(); // phones open one at a time
    const camera = await this._openCamera(id);
    if (ask !== this._asked) return camera?.close();
    if (!camera) return isSwitch ? this._app.actions.close() : undefined;
    if (!isSwitch) await this._app.actions.close();
    this._camera = camera;
    await this._chooseEncoder();
    this._app.store.setSettings({ mirror: camera.isFront });
    this._app.store.set({ title: camera.name, cameras: await camerasOfBrowser() });
    if (!isSwitch) await this._open({ kind: "push" }, camera.name);
  }

  /**
   * @param {string} [id]
   * @returns {Promise<Camera|null>} null if the user was told why it can't be used
   */
  async _openCamera(id) {
    const { tell } = this._app;
    const camera = new Camera(id, this._wh, {
      onFrame: (take, capture_ms) => void this._onFrame(camera, take, capture_ms),
      onLost: () => tell("The camera was disconnected.", "It continues when it is back.", "error"),
      onBack: () => {
        this._n_reconnected += 1;
        this._encoder.needKey();
        tell("The camera is back.");
      },
    });
    try {
      await camera.open();
      return camera;
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      tell(error.message, error.hint, "error");
      return null;
    }
  }

  /**
   * @param {LiveSource} source
   * @param {string} name
   */
  async startSource(source, name) {
    await this._app.actions.close();
    this._app.store.setSettings({ mirror: false });
    await this._open(source, name);
  }

  /**
   * @param {LiveSource} source
   * @param {string} title
   */
  async _open(source, title) {
    const { store, engine } = this._app;
    const { options, settings } = store.state;
    this._forget();
    this._app.history = new History(HISTORY_US);
    store.set({ mode: "live", title, isPaused: false, isBusy: true, liveState: null, times: null, fps: 0 });
    this._timer = setInterval(() => this._tellFigures(), TOLD_EVERY_MS);
    const attempt = ++this._attempt;
    const session = await engine.openLive({ source, options, exercise: settings.exercise }, this._events(attempt));
    if (attempt === this._attempt) this._session = session;
    else session.close();
  }

  /**
   * @param {number} attempt events of a session that was left are ignored
   * @returns {LiveEvents}
   */
  _events(attempt) {
    const { store } = this._app;
    /** @type {LiveEvents} */
    const events = {
      onReady: ({ options }) => {
        if (this._wasInterrupted) this._app.tell("The connection is back.");
        [this._isReady, this._wasInterrupted, this._options] = [true, false, options];
        store.set({ options, isBusy: false });
      },
      onResult: (result) => this._onResult(result),
      onDropped: (seqs) => seqs.forEach((seq) => this._frames.drop(seq)),
      onPicture: (seq, picture, capture_ms) => {
        this._frames.add(seq, { picture, capture_ms, sent_ms: performance.now() });
        if (this._showsNow) this._showPicture(picture);
      },
      onMask: (seq, mask) => this._frames.addMask(seq, mask),
      onState: (state) => {
        const counts = { ...state.counts };
        counts.seen += this._n_skipped;
        counts.dropped += this._n_skipped;
        counts.reconnected += this._n_reconnected;
        store.set({ liveState: { ...state, counts } });
      },
      onError: ({ message, hint }) => {
        this._app.tell(message, hint, "error");
        store.set({ isBusy: false, options: this._options });
      },
      onInterrupted: () => {
        this._isReady = false;
        this._wasInterrupted = true;
        this._n_reconnected += 1;
        this._frames.clear();
        this._encoder.needKey();
        store.set({ isRecording: false });
      },
      onClose: () => void this._app.actions.close(),
    };
    const guarded = Object.entries(events).map(([name, event]) => {
      /** @param {...any} values */
      const ifCurrent = (...values) => {
        // @ts-expect-error each gets what it was meant for
        if (attempt === this._attempt) event(...values);
      };
      return [name, ifCurrent];
    });
    return Object.fromEntries(guarded);
  }

  /** Whether a picture is shown as it comes, not when its result is there. */
  get _showsNow() {
    return !this._app.store.state.settings.locked || performance.now() - this._answered_ms > STALE_MS;
  }

  /**
   * @param {Camera} camera
   * @param {() => Picture|Promise<Picture>} take
   * @param {number} capture_ms
   */
  async _onFrame(camera, take, capture_ms) {
    if (this._isFrozen || !this.isOpen) return;
    const willSend = this._isReady && !this._isEncoding && this._frames.hasRoom(performance.now());
    if (!willSend) this._n_skipped += Number(this._isReady);
    const showsNow = this._showsNow;
    if (!willSend && !showsNow) return;
    this._isEncoding ||= willSend;
    const picture = await take();
    if (camera !== this._camera) {
      this._isEncoding = false;
      return picture.close();
    }
    if (willSend) this._seq += 1;
    const seq = this._seq;
    const frame = { picture, capture_ms, sent_ms: Infinity };
    if (willSend) this._frames.add(seq, frame);
    if (showsNow) this._showPicture(picture);
    if (willSend) await this._send(seq, frame);
  }

  /**
   * @param {number} seq
   * @param {import("./live_frames.js").LiveFrame} frame
   */
  async _send(seq, frame) {
    const encoder = this._encoder;
    try {
      const encoded = await encoder.encode(frame.picture);
      frame.sent_ms = performance.now();
      if (!this._frames.get(seq)) return encoder.needKey(); // given up meanwhile
      this._session?.push({ seq, capture_ms: frame.capture_ms, ...encoded });
    } catch (error) {
      this._frames.drop(seq);
      if (encoder !== this._encoder) return; // was replaced
      if (encoder.codec === "jpeg") throw error;
      this._encoder = new JpegEncoder();
    } finally {
      this._isEncoding = false;
    }
  }

  /** @param {LiveResult} live */
  _onResult({ seq, result, repetitions, t }) {
    if (this._isFrozen) return this._frames.drop(seq);
    const { store } = this._app;
    const { frame, mask } = this._frames.take(seq);
    const last = this._app.history.results.at(-1);
    if (last && last.timestamp_us >= result.timestamp_us) this._app.history = new History(HISTORY_US);
    this._app.history.add(result);
    this._answered_ms = performance.now();
    const image = store.state.settings.locked ? frame?.picture : store.state.shown?.image;
    const { width, height, timestamp_us: time_us } = result;
    const changed = { time_us, historyVersion: store.state.historyVersion + 1 };
    if (image) this._show({ image, width, height, result, mask, repetitions }, changed);
    else store.set(changed);
    if (!image) this._frames.release(mask);
    if (!frame) return;
    if (frame.picture !== image) this._frames.release(frame.picture);
    const marks = { ...t, capture: frame.capture_ms, sent: this._camera ? frame.sent_ms : undefined };
    requestAnimationFrame(() => this._meter.add({ ...marks, drawn: performance.now() }));
  }

  /**
   * Show the newest picture, with the newest result if that is still fresh.
   * @param {Picture} image
   */
  _showPicture(image) {
    const { shown } = this._app.store.state;
    const isFresh = performance.now() - this._answered_ms <= STALE_MS;
    const [width, height] = shown?.result && isFresh ? [shown.width, shown.height] : sizeOf(image);
    const now = { image, width, height };
    this._show(shown && isFresh ? { ...shown, ...now } : { ...now, result: null });
  }

  /**
   * @param {import("./types.js").Shown} shown
   * @param {Partial<import("./types.js").State>} [changed]
   */
  _show(shown, changed) {
    this._app.store.set({ shown, ...changed });
    this._frames.show([shown.image, shown.mask]);
  }

  _tellFigures() {
    const { store } = this._app;
    store.set({ fps: this._meter.fps(performance.now()), times: this._meter.times() });
  }

  get _isLarge() {
    return Camera.isPhone || (this._camera?.longSide ?? 0) > SMALL[0];
  }

  get _wh() {
    const { codec } = this._app.store.state.settings;
    return codec === "h264" || (codec === "auto" && Camera.isPhone) ? LARGE : SMALL;
  }

  async _chooseEncoder() {
    const encoder = await encoderFor(this._app.store.state.settings.codec, this._isLarge);
    this._encoder.close();
    this._encoder = encoder;
  }

  /** Follow the settings that concern a live session. */
  async onSettings() {
    const { settings } = this._app.store.state;
    const before = this._settings;
    if (!this._session) return;
    this._settings = settings;
    if (settings.exercise !== before.exercise) this._session.setExercise(settings.exercise);
    if (settings.codec !== before.codec) {
      await this._camera?.resize(this._wh);
      await this._chooseEncoder();
    }
  }

  /** Browsers slow down pages that are not seen: nothing is sent from them. */
  onVisibility() {
    if (!this._session || !this._camera || this._app.store.state.isPaused) return;
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
    this._encoder.needKey();
    if (isPaused) this._session?.pause();
    else this._session?.resume();
  }

  /** @param {boolean} [on] */
  async record(on = !this._app.store.state.isRecording) {
    const { store, info } = this._app;
    if (!this._session || on === store.state.isRecording) return;
    store.set({ isRecording: on });
    const recording = await this._session.record(on);
    if (!recording) return;
    info.inputs.push({ kind: "file", file: recording.file, job: recording.job });
    this._app.tell(`Recorded ${recording.file.name}.`, "Open it from the list of sources.");
  }

  /** @param {TrackerOptions} changed */
  async setOptions(changed) {
    const { store } = this._app;
    store.set({ options: { ...store.state.options, ...changed }, isBusy: this._session !== null });
    this._session?.setOptions(changed);
  }

  reset() {
    this._session?.reset();
  }

  /** Leave the source; the state of the page is that of whoever comes next. */
  stop() {
    this._attempt += 1;
    this._asked += 1;
    clearInterval(this._timer);
    this._session?.close();
    this._camera?.close();
    this._encoder.close();
    [this._session, this._camera, this._encoder] = [null, null, new JpegEncoder()];
    this._frames.clear();
    const { store } = this._app;
    const gone = { liveState: null, times: null, fps: 0, isBusy: false, isRecording: false };
    store.set({ ...gone, ...(this._frames.isShowing(store.state.shown?.image) ? { shown: null } : {}) });
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
    close: async () => store.set({ mode: "empty", title: "", isPaused: false }),
    togglePlay: live.togglePlay.bind(live),
    record: live.record.bind(live),
    snapshot: () => saveSnapshot(app),
    setOptions: live.setOptions.bind(live),
    reset: live.reset.bind(live),
  });
}
