/** Series: numbers over time, one for each result of the history, computed once and on demand. */

/** @typedef {import("./types.js").Result} Result */

const FIRST_CAPACITY = 1024;

export class Series {
  constructor() {
    /** @type {Result[]} */
    this._results = [];
    /** @type {Result|undefined} */
    this._first = undefined;
    /** @type {Map<string, {values: Float64Array, n: number}>} */
    this._columns = new Map();
  }

  /** Continue with the results of a history; start anew if they are not the same. @param {Result[]} results */
  update(results) {
    if (results[0] !== this._first) this._columns.clear();
    this._first = results[0];
    this._results = results;
  }

  get length() {
    return this._results.length;
  }

  /**
   * Values by the number of the result; those behind `length` mean nothing.
   * @param {string} key
   * @param {(result: Result) => number} measure
   */
  column(key, measure) {
    const column = this._columns.get(key) ?? { values: new Float64Array(FIRST_CAPACITY), n: 0 };
    this._columns.set(key, column);
    if (column.values.length < this.length) {
      const larger = new Float64Array(Math.max(2 * column.values.length, this.length));
      larger.set(column.values);
      column.values = larger;
    }
    for (; column.n < this.length; column.n++) {
      column.values[column.n] = measure(this._results[column.n]);
    }
    return column.values;
  }
}
