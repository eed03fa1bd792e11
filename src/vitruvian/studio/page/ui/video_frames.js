/** VideoFrames: the pictures of a video that the browser plays, each with the frame that it is. */

import { delay } from "./api.js";
import { FrameCanvas } from "./frame_canvas.js";
import { frameAt, middleOf } from "./frame_times.js";

/** @typedef {import("./player.js").Picture} Picture */
/** @typedef {import("./player.js").Frames} Frames */
/** @typedef {import("./player.js").PlayEvents} PlayEvents */

const SAME_US = 500; // the browser rounds times otherwise than the server
const AFTER_SEEKED_MS = 150; // no callback comes if the frame was shown already
const LATE_MS = 1000; // on a busy machine

/** @implements {Frames} */
export class VideoFrames {
  /**
   * Open a video; an error if the browser can't play it.
   * @param {string} url
   * @param {import("./types.js").MediaFile} file
   * @param {number[]} times_us
   */
  static async open(url, file, times_us) {
    const frames = new VideoFrames(url, file, times_us);
    try {
      await frames._open();
    } catch (error) {
      frames.close();
      throw error;
    }
    return frames;
  }

  /**
   * @param {string} url
   * @param {import("./types.js").MediaFile} file
   * @param {number[]} times_us
   */
  constructor(url, file, times_us) {
    this._times_us = times_us;
    this._canvas = new FrameCanvas(file.width, file.height);
    this._video = Object.assign(document.createElement("video"), {
      muted: true,
      playsInline: true,
      preload: "auto",
    });
    /** @type {number|null} */
    this._media_us = null; // of the frame that was presented last
    this._start_us = 0; // of the first frame
    this._isStill = false; // whether the last frame was reached by a seek
    /** @type {() => void} */
    this._onPresented = () => {};
    /** @type {Promise<never>} */
    this._failed = new Promise((_, reject) => {
      this._video.onerror = () => reject(new Error("the browser can't play this video"));
    });
    this._failed.catch(() => {});
    this._video.src = url;
    this._watch();
  }

  async _open() {
    const video = this._video;
    /** @type {Promise<void>} */
    const presented = new Promise((resolve) => (this._onPresented = resolve));
    const loaded = new Promise((resolve) => (video.onloadeddata = resolve));
    await Promise.race([loaded, this._failed]);
    await Promise.race([presented, delay(LATE_MS)]);
    this._start_us = this._media_us ?? 0;
  }

  _watch() {
    this._video.requestVideoFrameCallback((_, { mediaTime }) => {
      this._media_us = mediaTime * 1e6;
      this._onPresented();
      this._watch();
    });
  }

  /** The frame that was presented last; null if the server does not know its time. */
  _index() {
    if (this._media_us === null) return null;
    const time_us = this._media_us - this._start_us;
    const index = frameAt(this._times_us, time_us + SAME_US);
    return Math.abs(this._times_us[index] - time_us) <= SAME_US ? index : null;
  }

  /** @returns {Picture} */
  _picture() {
    const index = this._index();
    if (index === null) throw new Error("the browser shows a frame that the server does not know");
    return { index, image: this._canvas.copy(this._video) };
  }

  /** @param {number} index */
  async _seek(index) {
    const video = this._video;
    /** @type {Promise<void>} */
    const presented = new Promise((resolve) => {
      this._onPresented = () => this._index() === index && resolve();
    });
    const seeked = new Promise((resolve) => (video.onseeked = resolve));
    video.currentTime = this._seekTime(index);
    await Promise.race([seeked, this._failed]);
    await Promise.race([presented, delay(AFTER_SEEKED_MS)]);
    if (this._index() !== index) await Promise.race([presented, delay(LATE_MS)]);
    this._isStill = this._index() === index;
  }

  /** @param {number} index */
  _seekTime(index) {
    return (middleOf(this._times_us, index) + this._start_us) / 1e6;
  }

  /** @param {number} index */
  async show(index) {
    this.pause();
    if (!this._isStill || this._index() !== index) await this._seek(index);
    if (!this._isStill) await this._seek(index);
    return this._picture();
  }

  /**
   * @param {number} index
   * @param {number} speed
   * @param {PlayEvents} events
   */
  play(index, speed, { onFrame, onEnd, onFail }) {
    const video = this._video;
    video.playbackRate = speed;
    if (!this._isStill || this._index() !== index) video.currentTime = this._seekTime(index);
    this._isStill = false;
    this._onPresented = () => (this._index() === null ? onFail() : onFrame(this._picture()));
    video.onended = onEnd;
    this._failed.catch(onFail);
    video.play().catch(() => {}); // paused before it began
  }

  pause() {
    this._video.onended = null;
    this._onPresented = () => {};
    this._video.pause();
  }

  close() {
    this.pause();
    this._video.onerror = null;
    this._video.removeAttribute("src");
    this._video.load();
  }
}
