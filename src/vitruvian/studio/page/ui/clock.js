/** Clock: the time of another machine, told in the time of the page. */

const LONGEST = 64;
const ONE_WAY_MS = 1e12; // worse than any exchange

/** Estimates the offset between two clocks as NTP does: from the exchange with the shortest way. */
export class Clock {
  constructor() {
    /** @type {{delay: number, offset: number}[]} */
    this._samples = [];
    this._offset = 0; // other clock minus that of the page, ms
  }

  /**
   * Note an exchange, or a message of the other side alone, whose way is taken to be nothing.
   * @param {number|undefined} sent by the page @param {number} recv by the other side
   * @param {number} send by the other side @param {number} arrived at the page
   */
  add(sent, recv, send, arrived) {
    const sample = sent === undefined
      ? { delay: ONE_WAY_MS + arrived - send, offset: send - arrived }
      : { delay: arrived - sent - (send - recv), offset: (recv - sent + send - arrived) / 2 };
    this._samples = [...this._samples.slice(1 - LONGEST), sample];
    this._offset = this._samples.reduce((a, b) => (b.delay < a.delay ? b : a)).offset;
  }

  /** @param {number} other_ms */
  toPage(other_ms) {
    return other_ms - this._offset;
  }
}
