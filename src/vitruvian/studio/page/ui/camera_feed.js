/** CameraFeed: gives a session the pictures of the browser's camera, no more than it can answer. */

import { Camera, CameraError, camerasOfBrowser } from "./capture.js";
import { JpegEncoder, encoderFor } from "./encoders.js";

/**
 * @typedef {import("./encoders.js").Picture} Picture
 *
 * @typedef {object} FeedTarget
 * @property {boolean} takesPictures whether they are wanted at all
 * @property {boolean} takesFrames whether the session is ready for them
 * @property {boolean} showsNow whether a picture is shown as it comes, not when its result is there
 * @property {(picture: Picture) => void} showPicture
 * @property {(frame: import("./engine.js").EncodedFrame) => void} push
 */

const SMALL = /** @type {[number, number]} */ ([640, 480]);
const LARGE = /** @type {[number, number]} */ ([1280, 720]);

export class CameraFeed {
  /**
   * @param {import("./app.js").App} app @param {import("./live_frames.js").LiveFrames} frames
   * @param {FeedTarget} target
   */
  constructor(app, frames, target) {
    this._app = app;
    this._frames = frames;
    this._target = target;
    /** @type {Camera|null} */
    this.camera = null;
    /** @type {import("./encoders.js").Encoder} */
    this._encoder = new JpegEncoder();
    this._isEncoding = false;
    this._seq = 0;
    this.n_skipped = 0;
    this.n_back = 0; // how often the camera was plugged in again
  }

  get _setting() {
    return this._app.store.state.settings.codec;
  }

  get _wh() {
    return this._setting === "h264" || (this._setting === "auto" && Camera.isPhone) ? LARGE : SMALL;
  }

  /**
   * Ask for a camera; null if the user was told why it can't be used.
   * @param {string} [id]
   */
  async ask(id) {
    const { tell } = this._app;
    const camera = new Camera(id, this._wh, {
      onFrame: (take, capture_ms) => void this._onFrame(camera, take, capture_ms),
      onLost: () => tell("The camera was disconnected.", "It continues when it is back.", "error"),
      onBack: () => {
        this.n_back += 1;
        this.needKey();
        tell("The camera is back.");
      },
    });
    try {
      await camera.open();
      return camera;
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      tell(error.message, error.hint, "error");
      return null;
    }
  }

  /** @param {Camera} camera */
  async use(camera) {
    this.camera = camera;
    await this._chooseEncoder();
    this._app.store.setSettings({ mirror: camera.isFront });
    this._app.store.set({ title: camera.name, cameras: await camerasOfBrowser() });
  }

  /** Follow the setting of the codec, without a restart of the camera. */
  async followCodec() {
    await this.camera?.resize(this._wh);
    await this._chooseEncoder();
  }

  async _chooseEncoder() {
    const isLarge = Camera.isPhone || (this.camera?.longSide ?? 0) > SMALL[0];
    const encoder = await encoderFor(this._setting, isLarge);
    this._encoder.close();
    this._encoder = encoder;
  }

  needKey() {
    this._encoder.needKey();
  }

  /** @param {Camera} camera @param {() => Picture|Promise<Picture>} take @param {number} capture_ms */
  async _onFrame(camera, take, capture_ms) {
    const { takesPictures, takesFrames, showsNow } = this._target;
    if (!takesPictures) return;
    const willSend = takesFrames && !this._isEncoding && this._frames.hasRoom(performance.now());
    if (takesFrames && !willSend) this.n_skipped += 1;
    if (!willSend && !showsNow) return;
    this._isEncoding ||= willSend;
    const picture = await take();
    if (camera !== this.camera) {
      if (willSend) this._isEncoding = false;
      return picture.close();
    }
    const frame = { seq: willSend ? ++this._seq : 0, picture, capture_ms, sent_ms: Infinity };
    if (willSend) this._frames.add(frame);
    if (showsNow) this._target.showPicture(picture);
    if (willSend) await this._send(frame).finally(() => (this._isEncoding = false));
  }

  /** @param {import("./live_frames.js").LiveFrame} frame */
  async _send(frame) {
    const encoder = this._encoder;
    const { seq, capture_ms } = frame;
    try {
      const encoded = await encoder.encode(frame.picture);
      frame.sent_ms = performance.now();
      if (this._frames.has(seq)) this._target.push({ seq, capture_ms, ...encoded });
      else encoder.needKey(); // it was given up meanwhile
    } catch (error) {
      this._frames.drop(seq);
      if (encoder !== this._encoder) return; // it was replaced
      if (encoder.codec === "jpeg") throw error;
      this._encoder = new JpegEncoder();
    }
  }

  close() {
    this.camera?.close();
    this.camera = null;
    this._encoder.close();
    this._encoder = new JpegEncoder();
    this._seq = this.n_skipped = this.n_back = 0;
  }
}
