/** Encoders: pictures of a camera as JPEG, or as H.264 by WebCodecs. */

/**
 * @typedef {ImageBitmap|VideoFrame} Picture
 *
 * @typedef {object} Encoded
 * @property {"jpeg"|"h264"} codec
 * @property {boolean} isKey
 * @property {number} width
 * @property {number} height
 * @property {ArrayBuffer} data
 *
 * One frame is encoded at a time.
 * @typedef {object} Encoder
 * @property {"jpeg"|"h264"} codec
 * @property {(picture: Picture) => Promise<Encoded>} encode
 * @property {() => void} needKey a frame was lost: the next one must not depend on it
 * @property {() => void} close
 */

const LONGEST_JPEG = 640; // px; above that H.264 costs less than half
const QUALITY = 0.8;
const LONGEST_H264 = 1280;
const KEY_EVERY = 60; // frames
const BITS_PER_PIXEL = 4.4; // a second: 4 Mbit/s for 1280×720
const FPS = 30;
const CODEC = "avc1.42e01f"; // constrained baseline, level 3.1: 1280×720 at 30 fps

/**
 * Width and height of a picture that is made smaller until its long side fits; both even.
 * @param {Picture} picture
 * @param {number} longest
 */
function fitted(picture, longest) {
  const [width, height] = sizeOf(picture);
  const scale = Math.min(1, longest / Math.max(width, height));
  return [2 * Math.round((width * scale) / 2), 2 * Math.round((height * scale) / 2)];
}

/** @param {Picture} picture @returns {[number, number]} */
export function sizeOf(picture) {
  if ("displayWidth" in picture) return [picture.displayWidth, picture.displayHeight];
  return [picture.width, picture.height];
}

/** @implements {Encoder} */
export class JpegEncoder {
  /** @type {"jpeg"} */
  codec = "jpeg";

  constructor() {
    this._canvas = document.createElement("canvas");
    this._context = this._canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  }

  /** @type {Encoder["encode"]} */
  async encode(picture) {
    const [width, height] = fitted(picture, LONGEST_JPEG);
    if (this._canvas.width !== width || this._canvas.height !== height) {
      Object.assign(this._canvas, { width, height });
    }
    this._context?.drawImage(picture, 0, 0, width, height);
    /** @type {Blob|null} */
    const blob = await new Promise((resolve) => this._canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) throw new Error("the picture could not be encoded as JPEG");
    return { codec: "jpeg", isKey: true, width, height, data: await blob.arrayBuffer() };
  }

  needKey() {} // each JPEG stands alone

  close() {}
}

/** @implements {Encoder} */
export class H264Encoder {
  /** @type {"h264"} */
  codec = "h264";

  constructor() {
    /** @type {(chunk: EncodedVideoChunk) => void} */
    this._resolve = () => {};
    /** @type {(error: Error) => void} */
    this._reject = () => {};
    this._encoder = new VideoEncoder({
      output: (chunk) => this._resolve(chunk),
      error: (error) => this._reject(error),
    });
    this._width = this._height = 0;
    this._untilKey = 0;
    this._time_us = 0;
  }

  /**
   * What the browser is asked for.
   * @param {number} width
   * @param {number} height
   * @returns {VideoEncoderConfig}
   */
  static config(width, height) {
    const bitrate = Math.round(width * height * BITS_PER_PIXEL);
    return {
      codec: CODEC, width, height, bitrate, framerate: FPS, latencyMode: "realtime", avc: { format: "annexb" },
    };
  }

  /** Whether this browser can encode H.264. */
  static async isSupported() {
    if (!("VideoEncoder" in window)) return false;
    const answer = await VideoEncoder.isConfigSupported(H264Encoder.config(1280, 720)).catch(() => null);
    return Boolean(answer?.supported);
  }

  /** @type {Encoder["encode"]} */
  async encode(picture) {
    const [width, height] = fitted(picture, LONGEST_H264);
    if (this._width !== width || this._height !== height) {
      this._encoder.configure(H264Encoder.config(width, height));
      [this._width, this._height, this._untilKey] = [width, height, 0];
    }
    this._time_us += 1e6 / FPS; // the rate control expects even times
    const frame = new VideoFrame(picture, { timestamp: this._time_us });
    const isKey = this._untilKey <= 0;
    this._untilKey = isKey ? KEY_EVERY - 1 : this._untilKey - 1;
    /** @type {EncodedVideoChunk} */
    const chunk = await new Promise((resolve, reject) => {
      [this._resolve, this._reject] = [resolve, reject];
      try {
        this._encoder.encode(frame, { keyFrame: isKey });
      } finally {
        frame.close();
      }
    });
    const data = new ArrayBuffer(chunk.byteLength);
    chunk.copyTo(data);
    return { codec: "h264", isKey: chunk.type === "key", width, height, data };
  }

  needKey() {
    this._untilKey = 0;
  }

  close() {
    this._reject(new Error("the encoder was closed"));
    if (this._encoder.state !== "closed") this._encoder.close();
  }
}

/**
 * The encoder for what a setting asks for; JPEG where H.264 can't be encoded.
 * @param {"auto"|"jpeg"|"h264"} setting
 * @param {boolean} isLarge whether pictures are larger than a JPEG may be, or come over Wi-Fi
 * @returns {Promise<Encoder>}
 */
export async function encoderFor(setting, isLarge) {
  const wantsH264 = setting === "h264" || (setting === "auto" && isLarge);
  return wantsH264 && (await H264Encoder.isSupported()) ? new H264Encoder() : new JpegEncoder();
}
