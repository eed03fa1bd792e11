/** Capture: the camera of the browser, as pictures with the time of their capture. */

import { Clock } from "./clock.js";

/** @typedef {import("./encoders.js").Picture} Picture */

const RETRY_MS = 1000;
const IS_PHONE = /Android|iPhone|iPad/.test(navigator.userAgent);

const READS_TRACKS = "MediaStreamTrackProcessor" in window && !IS_PHONE; // a video turns the pictures of a phone

/** The two cameras of a phone: which device is which is not told by its ID. */
const PHONE_CAMERAS = [
  { id: "user", name: "Front camera" },
  { id: "environment", name: "Back camera" },
];

/** What to do about an error of `getUserMedia`, by its name.
 * @type {Record<string, [string, string]>} */
const PROBLEMS = {
  NotAllowedError: ["The camera is not allowed.", "Allow it beside the address of this page, then start again."],
  NotFoundError: ["No camera was found.", "Connect one, or open a video."],
  NotReadableError: ["The camera is busy.", "Close the program that uses it, then start again."],
  OverconstrainedError: ["That camera is gone.", "Choose another one."],
  InsecureError: ["Browsers give the camera only to pages of this computer or by HTTPS.",
    "Open this page by HTTPS: `vitruvian studio --lan`."],
};

/** A camera that can't be used, and what to do about it. */
export class CameraError extends Error {
  /** @param {string} name */
  constructor(name) {
    super(PROBLEMS[name][0]);
    this.hint = PROBLEMS[name][1];
  }
}

/** The cameras to choose from; without names before one was allowed. */
export async function camerasOfBrowser() {
  if (!navigator.mediaDevices) return [];
  if (IS_PHONE) return PHONE_CAMERAS;
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "videoinput" && device.deviceId)
    .map((device, n) => ({ id: device.deviceId, name: device.label || `Camera ${n + 1}` }));
}

/**
 * The picture that a video shows, to be closed by whoever gets it.
 * @param {HTMLVideoElement} video
 * @param {number} capture_ms
 * @returns {Picture|Promise<Picture>}
 */
function pictureOf(video, capture_ms) {
  if (!("VideoFrame" in window)) return createImageBitmap(video);
  return new VideoFrame(video, { timestamp: Math.round(1000 * capture_ms) });
}

export class Camera {
  /**
   * @param {string|undefined} id of `camerasOfBrowser`; by default the one in front
   * @param {[number, number]} wh the size to ask for
   * @param {{onFrame: (take: () => Picture|Promise<Picture>, capture_ms: number) => void, onLost: () => void, onBack: () => void}} events
   */
  constructor(id, wh, events) {
    this._id = id ?? (IS_PHONE ? "user" : undefined);
    this._wh = wh;
    this._events = events;
    this._isClosed = false;
    /** @type {MediaStreamTrack|null} */
    this._track = null;
    this._video = document.createElement("video");
    Object.assign(this._video, { muted: true, playsInline: true, ariaHidden: "true" });
    // Phones deliver no frames to a video that is not in the page.
    const style = { position: "fixed", width: "1px", height: "1px", opacity: "0", pointerEvents: "none" };
    Object.assign(this._video.style, style);
    if (!READS_TRACKS) this._await();
  }

  static isPhone = IS_PHONE;

  /** Whether the picture is that of a mirror: the camera looks at who looks at the page. */
  get isFront() {
    return (this._track?.getSettings().facingMode ?? "user") !== "environment";
  }

  get name() {
    return this._track?.label || "Camera";
  }

  get longSide() {
    return Math.max(this._video.videoWidth, this._video.videoHeight);
  }

  /** Ask for the camera; frames come from then on. */
  async open() {
    if (!navigator.mediaDevices) throw new CameraError("InsecureError");
    try {
      await this._start();
    } catch (error) {
      this.close();
      throw error instanceof Error && error.name in PROBLEMS ? new CameraError(error.name) : error;
    }
  }

  async _start() {
    const stream = await navigator.mediaDevices.getUserMedia({ video: this._constraints(), audio: false });
    if (this._isClosed) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this._track = stream.getVideoTracks()[0];
    this._track.onended = () => this._onEnded();
    if (READS_TRACKS) void this._read(this._track);
    document.body.append(this._video);
    this._video.srcObject = stream;
    await this._video.play();
  }

  /** @returns {MediaTrackConstraints} */
  _constraints() {
    const size = { width: { ideal: this._wh[0] }, height: { ideal: this._wh[1] }, frameRate: { ideal: 30 } };
    if (this._id === undefined) return size;
    const isFacing = PHONE_CAMERAS.some((camera) => camera.id === this._id);
    return isFacing ? { ...size, facingMode: this._id } : { ...size, deviceId: { exact: this._id } };
  }

  /**
   * Ask for another size, without a restart.
   * @param {[number, number]} wh
   */
  async resize(wh) {
    this._wh = wh;
    await this._track?.applyConstraints(this._constraints());
  }

  _await() {
    this._video.requestVideoFrameCallback((now, metadata) => {
      if (this._isClosed) return;
      this._await();
      const capture_ms = metadata.captureTime ?? now;
      this._events.onFrame(() => pictureOf(this._video, capture_ms), capture_ms);
    });
  }

  /** Read frames as they come: a video shows them later, with a frame of the screen. @param {MediaStreamTrack} track */
  async _read(track) {
    const { MediaStreamTrackProcessor } = /** @type {any} */ (window);
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable.getReader();
    const clock = new Clock();
    for (;;) {
      /** @type {{value?: VideoFrame}} */
      const { value: frame } = await reader.read();
      if (!frame) return;
      const captured = frame.timestamp / 1000; // on the clock of cameras
      clock.add(undefined, 0, captured, performance.now());
      const capture_ms = clock.toPage(captured);
      const timestamp = Math.round(1000 * capture_ms);
      if (!this._isClosed) this._events.onFrame(() => new VideoFrame(frame, { timestamp }), capture_ms);
      frame.close();
    }
  }

  _onEnded() {
    if (this._isClosed) return;
    this._events.onLost();
    const again = async () => {
      if (this._isClosed) return;
      try {
        await this._start();
        if (!this._isClosed) this._events.onBack();
      } catch {
        setTimeout(again, RETRY_MS);
      }
    };
    void again();
  }

  close() {
    this._isClosed = true;
    this._track?.stop();
    this._video.srcObject = null;
    this._video.remove();
  }
}
