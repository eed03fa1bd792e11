/**
 * Player: the play head of a recorded file. It shows each frame with the result of exactly that frame.
 *
 * @typedef {{index: number, image: HTMLCanvasElement|null}} Picture a frame of the file
 *
 * @typedef {object} PlayEvents
 * @property {(picture: Picture) => void} onFrame
 * @property {() => void} onEnd the last frame was shown
 * @property {() => void} onFail
 *
 * Where pictures come from.
 * @typedef {object} Frames
 * @property {(index: number) => Promise<Picture>} show stops playing; the picture says which one it is
 * @property {(index: number, speed: number, events: PlayEvents) => void} play
 * @property {() => void} pause
 * @property {() => void} close
 */

import { frameAt } from "./frame_times.js";
import { Masks } from "./masks.js";

/** @import { App } from "./app.js" */
/** @import { MediaFile } from "./types.js" */

const SAME_US = 500; // as in History.at

export class Player {
  /**
   * @param {App} app @param {MediaFile} file @param {number[]} times_us
   * @param {(error: unknown) => void} onFail the pictures can't be shown
   */
  constructor(app, file, times_us, onFail) {
    this._app = app;
    this._file = file;
    this._times_us = times_us;
    this._onFail = onFail;
    /** @type {Frames|null} */
    this._frames = null;
    /** @type {number|null} */
    this._wanted = null;
    /** @type {Promise<void>|null} */
    this._seeking = null;
    this._isJumping = false; // to the start of the loop
    /** @type {Masks|null} */
    this._masks = null;
    this._index = 0;
  }

  /** Take the pictures from here from now on, without losing the position. @param {Frames} frames */
  async setFrames(frames) {
    this._frames?.close();
    this._frames = frames;
    await this.show(this.target);
  }

  /** The frame that is shown, or will be as soon as it is here. */
  get target() {
    return this._wanted ?? this._index;
  }

  /** Show a frame; while one is on its way, the newest wish is the next. @param {number} index */
  show(index) {
    this._wanted = Math.min(Math.max(index, 0), this._times_us.length - 1);
    if (!this._frames || this._wanted < 0) return Promise.resolve();
    this._app.store.set({ time_us: this._times_us[this._wanted] });
    this._seeking ??= this._showWanted();
    return this._seeking;
  }

  async _showWanted() {
    while (this._wanted !== null && this._frames) {
      const [frames, wanted] = [this._frames, this._wanted];
      try {
        const picture = await frames.show(wanted);
        if (frames !== this._frames) continue;
        if (wanted === this._wanted) this._wanted = null;
        this._present(picture);
      } catch (error) {
        if (frames !== this._frames) continue;
        this._index = wanted;
        this._wanted = null;
        this._onFail(error);
      }
    }
    this._seeking = null;
    if (!this._app.store.state.isPaused) this._play();
  }

  /** @param {Picture} picture */
  _present({ index, image }) {
    const { store, history } = this._app;
    const { width, height } = this._file;
    const time_us = this._times_us[index];
    this._index = index;
    const result = history.at(time_us);
    store.set({
      ...(this._wanted === null && { time_us }),
      shown: { image, width, height, result, mask: result && this._mask() },
    });
  }

  /** Give the shown frame its result, or its mask, which have come just now. */
  refresh() {
    const { store, history } = this._app;
    const { shown } = store.state;
    if (!shown) return;
    const result = history.at(this._times_us[this._index]);
    const mask = result && this._mask();
    if (result === shown.result && mask === (shown.mask ?? null)) return;
    store.set({ shown: { ...shown, result, mask } });
  }

  _mask() {
    const { store, history, engine } = this._app;
    const { settings, isPaused, job } = store.state;
    if (!settings.mask || !job?.options.segmentation) return null;
    if (this._masks?.job !== job.id) this._masks = new Masks(engine, job.id, () => this.refresh());
    const place = history.indexAt(this._times_us[this._index] + SAME_US);
    return this._masks.at(place, history.results.length, !isPaused);
  }

  /** First and last frame of the loop, or of the file. */
  _range() {
    const { loop } = this._app.store.state;
    const last = this._times_us.length - 1;
    if (!loop) return [0, last];
    return [frameAt(this._times_us, loop.start_us), frameAt(this._times_us, loop.end_us)];
  }

  play() {
    this._app.store.set({ isPaused: false });
    if (!this._seeking) this._play();
  }

  /** @param {number} [from] */
  _play(from = this._index) {
    const [first, last] = this._range();
    const start = from < first || from >= last ? first : from;
    this._isJumping = start !== this._index;
    this._frames?.play(start, this._app.store.state.speed, {
      onFrame: (picture) => this._onFrame(picture),
      onEnd: () => this._onEnd(),
      onFail: () => this._onFail(new Error("the pictures can't be played")),
    });
  }

  /** @param {Picture} picture */
  _onFrame(picture) {
    const [first, last] = this._range();
    if (first <= picture.index && picture.index <= last) {
      this._isJumping = false;
      this._present(picture);
    } else if (!this._isJumping) {
      this._play(first);
    }
  }

  _onEnd() {
    if (this._app.store.state.loop) return this._play(this._range()[0]);
    this.pause();
    void this.show(this._times_us.length - 1);
  }

  pause() {
    this._app.store.set({ isPaused: true });
    this._frames?.pause();
  }

  close() {
    this._frames?.close();
    this._frames = null;
  }
}
