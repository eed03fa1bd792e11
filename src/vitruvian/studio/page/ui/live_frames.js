/** LiveFrames: the pictures of a live session until their results are drawn on them. */

/**
 * @typedef {import("./encoders.js").Picture} Picture
 *
 * @typedef {object} LiveFrame
 * @property {number} seq
 * @property {Picture} picture
 * @property {number} capture_ms
 * @property {number} sent_ms when it was given to the engine; Infinity while it is encoded
 */

const MOST_UNANSWERED = 2;
const LONGEST_MS = 3000;

/** Pictures and masks by the number of their frame. Each is closed when it is not needed any more. */
export class LiveFrames {
  constructor() {
    /** @type {Map<number, LiveFrame>} in the order of their numbers */
    this._frames = new Map();
    /** @type {Map<number, ImageBitmap>} */
    this._masks = new Map();
    /** @type {Set<unknown>} on the screen: closed when they leave it */
    this._shown = new Set();
  }

  /** @param {LiveFrame} frame its number is greater than all before */
  add(frame) {
    this._frames.set(frame.seq, frame);
  }

  /** @param {number} seq @param {ImageBitmap} mask */
  addMask(seq, mask) {
    this._masks.set(seq, mask);
  }

  /** @param {number} seq */
  has(seq) {
    return this._frames.has(seq);
  }

  /**
   * Whether another frame may be sent. Frames that got no answer for long are given up.
   * @param {number} now_ms
   */
  hasRoom(now_ms) {
    if (this._frames.size < MOST_UNANSWERED) return true;
    const [oldest] = this._frames.values();
    if (now_ms - oldest.sent_ms <= LONGEST_MS) return false;
    this.clear();
    return true;
  }

  /**
   * Take out a frame and its mask; all before it are answered, too.
   * @param {number} seq
   */
  take(seq) {
    const taken = { frame: this._frames.get(seq), mask: this._masks.get(seq) ?? null };
    this._frames.delete(seq);
    this._masks.delete(seq);
    this.clear(seq);
    return taken;
  }

  /** @param {number} seq */
  drop(seq) {
    this.release(this._frames.get(seq)?.picture);
    this.release(this._masks.get(seq));
    this._frames.delete(seq);
    this._masks.delete(seq);
  }

  /** @param {number} [end] frames from this one on are kept */
  clear(end = Infinity) {
    for (const seq of [...this._frames.keys(), ...this._masks.keys()]) if (seq < end) this.drop(seq);
  }

  /**
   * Tell what is on the screen; what has left it is closed, if it waits for no result.
   * @param {unknown[]} images
   */
  show(images) {
    const before = this._shown;
    this._shown = new Set(images);
    const waiting = [...this._frames.values()].map((frame) => frame.picture);
    for (const image of before) if (!waiting.includes(/** @type {any} */ (image))) this.release(image);
  }

  /** @param {unknown} image */
  isShowing(image) {
    return this._shown.has(image);
  }

  /**
   * Close an image, or leave that to `show` if it is on the screen.
   * @param {any} image
   */
  release(image) {
    if (image && !this._shown.has(image)) image.close();
  }
}
