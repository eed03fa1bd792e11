/** Series: numbers over time, one for each result of the history, measured once and on demand. */

/** @import { Result } from "./types.js" */

export class Series {
  constructor() {
    /** @type {Result[]} */
    this.results = [];
    /** @type {Result|undefined} */
    this._first = undefined;
    /** @type {Map<string, {values: Float64Array, n: number}>} */
    this._columns = new Map();
  }

  /** Continue with the results of a history, or start anew if they begin elsewhere. @param {Result[]} results */
  update(results) {
    if (results[0] !== this._first) this._columns.clear();
    this._first = results[0];
    this.results = results;
  }

  /** Values by the place of the result; there may be room behind them. @param {string} key @param {(result: Result) => number} measure */
  column(key, measure) {
    const { results } = this;
    const column = this._columns.get(key) ?? { values: new Float64Array(1024), n: 0 };
    this._columns.set(key, column);
    if (column.values.length < results.length) {
      const larger = new Float64Array(2 * results.length);
      larger.set(column.values);
      column.values = larger;
    }
    while (column.n < results.length) column.values[column.n] = measure(results[column.n++]);
    return column.values;
  }
}
