/** Coverage: the stretches of time in which each person is seen. */

/** @import { History } from "./history.js" */

export class Coverage {
  /** @param {History} history */
  constructor(history) {
    this.history = history;
    /** @type {Map<number, [number, number][]>} by ID: times of the first and last result of each stretch, µs */
    this.people = new Map();
    this._n = 0;
  }

  /** Take in the results that have come. */
  update() {
    const { results } = this.history;
    for (; this._n < results.length; this._n++) {
      const { timestamp_us, poses } = results[this._n];
      const before_us = results[this._n - 1]?.timestamp_us;
      poses.forEach(({ id }, place) => {
        const runs = this.people.get(id ?? place) ?? [];
        const last = runs.at(-1);
        if (last && last[1] === before_us) last[1] = timestamp_us;
        else runs.push([timestamp_us, timestamp_us]);
        this.people.set(id ?? place, runs);
      });
    }
  }

  /** IDs in order. */
  get ids() {
    return [...this.people.keys()].sort((a, b) => a - b);
  }
}
