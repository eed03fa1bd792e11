/** Clock: the time of another machine, told in the time of the page. */

const LONGEST = 64;

/**
 * Estimates the offset between two clocks as NTP does: of the last exchanges, that with the shortest
 * way there and back counts. Messages in one direction serve until there is an exchange; their way
 * is then taken to be as long as the shortest of them is longer than nothing.
 */
export class Clock {
  constructor() {
    /** @type {{delay: number, offset: number}[]} */
    this._exchanges = [];
    /** @type {number[]} */
    this._oneWay = [];
    this.offset = 0; // other clock minus that of the page, ms
  }

  /**
   * @param {number|undefined} sent by the page, its clock; undefined if the other side began
   * @param {number} recv by the other side, its clock
   * @param {number} send by the other side, its clock
   * @param {number} arrived at the page, its clock
   */
  add(sent, recv, send, arrived) {
    if (sent === undefined) {
      this._oneWay = [...this._oneWay.slice(1 - LONGEST), send - arrived];
      if (!this._exchanges.length) this.offset = Math.max(...this._oneWay);
      return;
    }
    const delay = arrived - sent - (send - recv);
    const offset = (recv - sent + send - arrived) / 2;
    this._exchanges = [...this._exchanges.slice(1 - LONGEST), { delay, offset }];
    this.offset = this._exchanges.reduce((a, b) => (b.delay < a.delay ? b : a)).offset;
  }

  /** @param {number} other_ms */
  toPage(other_ms) {
    return other_ms - this.offset;
  }
}
