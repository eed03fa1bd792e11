/** VideoFrames: the pictures of a video that the browser plays, each with the frame that it is. */

import { delay } from "./api.js";
import { FrameCanvas } from "./frame_canvas.js";
import { frameAt, middleOf } from "./frame_times.js";
import { ServerFrames } from "./server_frames.js";

/** @import { Frames, Picture, PlayEvents } from "./player.js" */
/** @import { MediaFile } from "./types.js" */

const SAME_US = 500; // the browser rounds times otherwise than the server
const AFTER_SEEKED_MS = 150; // no callback comes if the frame was shown already
const LOADED_MS = 1000; // for the callback of the first frame
const MAX_TRIES = 5;

/** @implements {Frames} */
export class VideoFrames {
  /**
   * Open a video; an error if the browser can't play it.
   * @param {string} url @param {MediaFile} file @param {number[]} times_us
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

  /** @param {string} url @param {MediaFile} file @param {number[]} times_us */
  constructor(url, file, times_us) {
    this._times_us = times_us;
    this._canvas = new FrameCanvas(file.width, file.height);
    this._video = Object.assign(document.createElement("video"), {
      muted: true,
      playsInline: true,
      preload: "auto",
    });
    this._media_us = 0; // of the frame that was presented last
    this._start_us = 0; // of the first frame
    this._server = new ServerFrames(file, times_us);
    this._run = 0; // of play()
    this._n_reached = 0;
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
    await Promise.race([presented, delay(LOADED_MS)]);
    this._start_us = this._now_us();
  }

  _watch() {
    this._video.requestVideoFrameCallback((_, { mediaTime }) => {
      this._media_us = mediaTime * 1e6;
      this._onPresented();
      this._watch();
    });
  }

  /** Media time of the frame that would be drawn now, µs. A callback may come after the next frame. */
  _now_us() {
    if (!("VideoFrame" in window)) return this._media_us;
    const frame = new VideoFrame(this._video);
    const { timestamp } = frame;
    frame.close();
    return timestamp;
  }

  /** The frame that would be drawn now. */
  _index() {
    const time_us = this._now_us() - this._start_us;
    const index = frameAt(this._times_us, time_us + SAME_US);
    if (Math.abs(this._times_us[index] - time_us) <= SAME_US) return index;
    throw new Error("the browser shows a frame that the server does not know");
  }

  /** @returns {Picture} */
  _picture() {
    for (;;) {
      const index = this._index();
      const image = this._canvas.copy(this._video);
      if (this._index() === index) return { index, image };
    }
  }

  /**
   * Move to a time and wait until the picture of it is there.
   * @param {number} time_us @param {number} index what it should be
   */
  async _seek(time_us, index) {
    const video = this._video;
    /** @type {Promise<void>} */
    const presented = new Promise((resolve) => (this._onPresented = resolve));
    const seeked = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
    video.currentTime = (time_us + this._start_us) / 1e6;
    await Promise.race([seeked, this._failed]);
    if (this._index() !== index) await Promise.race([presented, delay(AFTER_SEEKED_MS)]);
  }

  /** @param {number} index */
  async _reach(index) {
    const reach = ++this._n_reached;
    // Chromium seeks by the average duration of frames: uneven ones may need another try, and a few
    // can't be reached.
    let [early_us, late_us] = [-Infinity, Infinity];
    let time_us = middleOf(this._times_us, index);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (this._index() !== index) await this._seek(time_us, index);
      const picture = this._picture();
      if (picture.index === index || reach !== this._n_reached) return picture;
      const error_us = this._times_us[index] - this._times_us[picture.index];
      if (error_us > 0) early_us = time_us;
      else late_us = time_us;
      const middle_us = (early_us + late_us) / 2;
      time_us = Number.isFinite(middle_us) ? middle_us : time_us + error_us;
    }
    return this._server.show(index);
  }

  /** @param {number} index */
  show(index) {
    this.pause();
    return this._reach(index);
  }

  /** @param {number} index @param {number} speed @param {PlayEvents} events */
  async play(index, speed, { onFrame, onEnd, onFail }) {
    this.pause();
    const run = this._run;
    const video = this._video;
    this._failed.catch(onFail);
    try {
      const picture = await this._reach(index);
      if (run !== this._run) return;
      onFrame(picture);
    } catch {
      return onFail();
    }
    this._onPresented = () => {
      try {
        onFrame(this._picture());
      } catch {
        onFail();
      }
    };
    video.onended = onEnd;
    video.playbackRate = speed;
    await video.play().catch(() => {}); // paused before it began
  }

  pause() {
    this._run += 1;
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
