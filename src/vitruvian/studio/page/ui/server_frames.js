/** ServerFrames: pictures that the server decodes, or none, played by the clock. */

import { request } from "./api.js";
import { FrameCanvas } from "./frame_canvas.js";
import { frameAt } from "./frame_times.js";

/** @import { Frames, PlayEvents } from "./player.js" */
/** @import { MediaFile } from "./types.js" */

const MAX_HEIGHT = { video: 720, image: 2160, results: 0 };

/** @implements {Frames} */
export class ServerFrames {
  /** @param {MediaFile} file @param {number[]} times_us may grow */
  constructor(file, times_us) {
    this._file = file;
    this._times_us = times_us;
    this._canvas = file.kind === "results" ? null : new FrameCanvas(file.width, file.height);
    this._run = 0;
  }

  /** @param {number} index */
  async show(index) {
    const { id, kind, height } = this._file;
    if (!this._canvas) return { index, image: null };
    const h = height > MAX_HEIGHT[kind] ? `?h=${MAX_HEIGHT[kind]}` : "";
    const jpeg = await (await request(`/api/files/${id}/frame/${index}.jpg${h}`)).blob();
    const bitmap = await createImageBitmap(jpeg);
    const image = this._canvas.copy(bitmap);
    bitmap.close();
    return { index, image };
  }

  /** @param {number} index @param {number} speed @param {PlayEvents} events */
  async play(index, speed, { onFrame, onEnd, onFail }) {
    const run = ++this._run;
    const start_ms = performance.now();
    const start_us = this._times_us[index];
    let shown = -1;
    while (this._run === run) {
      const time_us = start_us + (performance.now() - start_ms) * 1000 * speed;
      const wanted = frameAt(this._times_us, time_us);
      if (wanted !== shown) {
        const picture = await this.show(wanted).catch(() => null);
        if (this._run !== run) return;
        if (!picture) return onFail();
        shown = wanted;
        onFrame(picture);
      } else if (wanted === this._times_us.length - 1) {
        return onEnd();
      }
      await new Promise(requestAnimationFrame);
    }
  }

  pause() {
    this._run++;
  }

  close() {
    this.pause();
  }
}
