/** View: which part of a picture is seen at which scale; fitted until somebody zooms. */

const LARGEST = 16; // screen px per picture px

export class View {
  constructor() {
    this.isFitted = true;
    this.scale = 1; // CSS px per picture px
    this.x = 0; // of the picture's corner in the panel, CSS px
    this.y = 0;
    this.panel = [1, 1];
    this.picture = [1, 1];
  }

  /** Take the sizes as they are now. @param {[number, number]} panel @param {[number, number]} picture */
  resize(panel, picture) {
    const isOther = String(picture) !== String(this.picture);
    [this.panel, this.picture] = [panel, picture];
    if (this.isFitted || isOther) this.fit();
    else this._hold();
  }

  get fitted() {
    return Math.min(this.panel[0] / this.picture[0], this.panel[1] / this.picture[1]);
  }

  fit() {
    this.isFitted = true;
    this.scale = this.fitted;
    this._hold();
  }

  /** Zoom and keep what is at a point of the panel at that point. @param {number} scale @param {[number, number]} [point] */
  zoom(scale, [x, y] = [this.panel[0] / 2, this.panel[1] / 2]) {
    const [u, v] = this.pictureAt([x, y]);
    this.scale = Math.min(Math.max(scale, Math.min(this.fitted, 1) / 2), LARGEST);
    this.isFitted = false;
    this.x = x - u * this.scale;
    this.y = y - v * this.scale;
    this._hold();
  }

  /** @param {number} dx CSS px @param {number} dy */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this._hold();
  }

  /** The place in the picture of a point of the panel. @param {[number, number]} point @returns {[number, number]} */
  pictureAt([x, y]) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** Keep the middle of the panel on the picture; a picture that is not zoomed in is centred. */
  _hold() {
    const held = (/** @type {number} */ at, /** @type {number} */ i) => {
      const [room, half] = [this.panel[i] - this.picture[i] * this.scale, this.panel[i] / 2];
      return this.scale <= this.fitted ? room / 2 : Math.min(half, Math.max(room - half, at));
    };
    [this.x, this.y] = [held(this.x, 0), held(this.y, 1)];
  }
}
