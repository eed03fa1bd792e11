/** Masks: those of the frames that were shown last, and of the next ones. */

/** @import { Engine } from "./engine.js" */

const N_KEPT = 32;
const N_AHEAD = 4;

export class Masks {
  /** @param {Engine} engine @param {string} job @param {() => void} onMask a mask that was asked for has come */
  constructor(engine, job, onMask) {
    this._engine = engine;
    this.job = job;
    this._onMask = onMask;
    /** @type {Map<number, ImageBitmap|null>} null: not here yet, or none */
    this._masks = new Map();
  }

  /**
   * The mask of a result if it is here; otherwise it is fetched.
   * @param {number} place of the result in the job @param {number} n_results
   * @param {boolean} isPlaying whether the next ones are about to be shown
   */
  at(place, n_results, isPlaying) {
    const last = Math.min(place + (isPlaying ? N_AHEAD : 0), n_results - 1);
    for (let each = place; each <= last; each++) if (!this._masks.has(each)) this._fetch(each);
    return this._masks.get(place) ?? null;
  }

  /** @param {number} place */
  async _fetch(place) {
    this._masks.set(place, null);
    const [oldest] = this._masks.keys();
    if (this._masks.size > N_KEPT) this._masks.delete(oldest);
    const mask = await this._engine.mask(this.job, place).catch(() => null);
    if (!mask || !this._masks.has(place)) return;
    this._masks.set(place, mask);
    this._onMask();
  }
}
