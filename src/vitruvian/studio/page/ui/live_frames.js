/** LiveFrames: the pictures of a live session until their results are drawn on them. */

/**
 * @typedef {import("./encoders.js").Picture} Picture
 *
 * @typedef {object} LiveFrame
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
    /** @type {Set<Picture|ImageBitmap>} on the screen: closed when they leave it */
    this._shown = new Set();
  }

  /**
   * @param {number} seq greater than all before it
   * @param {LiveFrame} frame
   */
  add(seq, frame) {
    this._frames.set(seq, frame);
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

  /** @param {number} seq */
  get(seq) {
    return this._frames.get(seq);
  }

  /**
   * @param {number} seq
   * @param {ImageBitmap} mask
   */
  addMask(seq, mask) {
    this._masks.set(seq, mask);
  }

  /**
   * Take out a frame and its mask; it and all before it are answered.
   * @param {number} seq
   */
  take(seq) {
    const frame = this._frames.get(seq);
    const mask = this._masks.get(seq) ?? null;
    this._frames.delete(seq);
    this._masks.delete(seq);
    for (const earlier of [...this._frames.keys(), ...this._masks.keys()]) {
      if (earlier < seq) this.drop(earlier);
    }
    return { frame, mask };
  }

  /** @param {number} seq */
  drop(seq) {
    this.release(this._frames.get(seq)?.picture);
    this.release(this._masks.get(seq));
    this._frames.delete(seq);
    this._masks.delete(seq);
  }

  clear() {
    for (const seq of [...this._frames.keys(), ...this._masks.keys()]) this.drop(seq);
  }

  /**
   * Tell what is on the screen; what has left it is closed, if it waits for no result.
   * @param {(CanvasImageSource|null|undefined)[]} images
   */
  show(images) {
    const before = this._shown;
    this._shown = new Set(/** @type {Picture[]} */ (images.filter(Boolean)));
    for (const image of before) {
      if (![...this._frames.values()].some((frame) => frame.picture === image)) this.release(image);
    }
  }

  /** @param {CanvasImageSource|null|undefined} image */
  isShowing(image) {
    return this._shown.has(/** @type {Picture} */ (image));
  }

  /**
   * Close an image, or leave that to `show` if it is on the screen.
   * @param {Picture|ImageBitmap|null|undefined} image
   */
  release(image) {
    if (image && !this._shown.has(image)) image.close();
  }
}
