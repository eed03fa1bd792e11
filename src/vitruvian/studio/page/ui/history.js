/** History: the results so far in the order of time; of a camera, those of the last minutes. */

import { placeAt } from "./frame_times.js";

/** @import { Result } from "./types.js" */

export class History {
  /** @param {number} longest_us results older than this before the newest are dropped */
  constructor(longest_us = Infinity) {
    this._longest_us = longest_us;
    /** @type {Result[]} */
    this.results = [];
  }

  /** @param {Result} result later than all before it */
  add(result) {
    this.results.push(result);
    const oldest_us = result.timestamp_us - this._longest_us;
    if (this.results[0].timestamp_us < oldest_us - this._longest_us / 4) {
      this.results = this.results.slice(this.indexAt(oldest_us));
    }
  }

  /** The place of the last result that is not later than a time; 0 if all are later. @param {number} time_us */
  indexAt(time_us) {
    return placeAt(this.results.length, (place) => this.results[place].timestamp_us, time_us);
  }

  /**
   * The result of the frame that is shown at a time, to half a millisecond; null if there is none.
   * @param {number} time_us
   */
  at(time_us) {
    const result = this.results[this.indexAt(time_us + 500)];
    return result && Math.abs(result.timestamp_us - time_us) <= 500 ? result : null;
  }
}
