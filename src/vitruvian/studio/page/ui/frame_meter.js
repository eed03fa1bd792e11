/** FrameMeter: times of the frames that were drawn last. */

/** @typedef {import("./types.js").FrameTimes} FrameTimes */

const N_FRAMES = 60;
const LONGEST_MS = 2000; // frames drawn before that say nothing about the rate of today

/**
 * When things happened to one frame, ms of the page's clock; `sent` is missing for a camera of the
 * server, whose pictures are received by the engine as soon as they are captured.
 * @typedef {import("./engine.js").LiveTimes & {capture: number, sent?: number, drawn: number}} Marks
 */

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {Marks} marks @returns {FrameTimes} */
function timesOf({ capture, sent = capture, recv, decode0, decode1, track1, arrived, drawn }) {
  return {
    encode: sent - capture,
    up: recv - sent,
    wait: decode0 - recv,
    decode: decode1 - decode0,
    track: track1 - decode1,
    down: arrived - track1,
    draw: drawn - arrived,
    total: drawn - capture,
    total_p95: 0,
  };
}

export class FrameMeter {
  constructor() {
    /** @type {{drawn: number, times: FrameTimes}[]} */
    this._frames = [];
  }

  /** @param {Marks} marks */
  add(marks) {
    this._frames = [...this._frames.slice(1 - N_FRAMES), { drawn: marks.drawn, times: timesOf(marks) }];
  }

  /**
   * Frames drawn per second.
   * @param {number} now_ms
   */
  fps(now_ms) {
    const recent = this._frames.filter((frame) => now_ms - frame.drawn < LONGEST_MS);
    if (recent.length < 2) return 0;
    return (1000 * (recent.length - 1)) / (recent[recent.length - 1].drawn - recent[0].drawn);
  }

  /**
   * Medians, and the 95th percentile of the total; null without frames.
   * @returns {FrameTimes|null}
   */
  times() {
    const all = this._frames.map((frame) => frame.times);
    if (!all.length) return null;
    const names = /** @type {(keyof FrameTimes)[]} */ (Object.keys(all[0]));
    const medians = names.map((name) => [name, quantile(all.map((times) => times[name]), 0.5)]);
    return { ...Object.fromEntries(medians), total_p95: quantile(all.map((times) => times.total), 0.95) };
  }
}
