/** FrameCanvas: keeps the picture that is shown while a player goes on to the next one. */

const MAX_PX = 3840 * 2160; // larger pictures are kept smaller

export class FrameCanvas {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    const scale = Math.min(1, Math.sqrt(MAX_PX / (width * height)));
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    this._canvases = [0, 1].map(() => Object.assign(document.createElement("canvas"), size));
  }

  /** A copy of a picture, valid until the next but one. @param {CanvasImageSource} picture */
  copy(picture) {
    this._canvases.reverse();
    const [canvas] = this._canvases;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}
