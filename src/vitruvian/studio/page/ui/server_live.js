/** ServerLive: a live session on the server, through a WebSocket that is opened again when it is lost. */

import { Clock } from "./clock.js";
import { MASK, PICTURE, packFrame, readMessage } from "./wire.js";

/**
 * @typedef {import("./engine.js").LiveEvents} LiveEvents
 * @typedef {import("./engine.js").LiveRequest} LiveRequest
 * @typedef {import("./engine.js").LiveSession} LiveSession
 */

const PROTOCOL = "vitruvian.1";
const RETRIES_MS = [500, 1000, 2000, 5000]; // the last one again and again
const ENDS = [1000, 1008, 1013]; // ended, refused, busy: the server has told why
const LOST = { code: "lost", message: "The connection to the server is lost.", hint: "Trying again until it is back." };
const LOGGED_OUT = {
  code: "no_token", message: "This page is not logged in any more.", hint: "Open the URL that the server shows now.",
};
const MOST_WAITING = 3; // messages of the server that wait for a picture to be decoded

/** A server that was started again has another token, which a WebSocket can't tell. */
const isLoggedOut = () => fetch("/api/info").then((answer) => answer.status === 401, () => false);

/** @implements {LiveSession} */
export class ServerLive {
  /**
   * @param {LiveRequest} request
   * @param {LiveEvents} events
   */
  constructor(request, events) {
    this._request = request;
    this._events = events;
    this._clock = new Clock();
    /** @type {Map<number, number>} when each unanswered frame was sent */
    this._sent = new Map();
    this._inbox = Promise.resolve();
    this._n_waiting = 0;
    this._n_retries = 0;
    this._isOver = false;
    this._isPaused = false;
    /** @type {((recording: any) => void)|null} */
    this._onRecorded = null;
    this._socket = this._connect();
  }

  _connect() {
    const url = new URL("/api/live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, PROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this._tell({ type: "open", ...this._request });
      if (this._isPaused) this._tell({ type: "pause" });
    };
    socket.onmessage = ({ data }) => this._receive(socket, data, performance.now());
    socket.onclose = ({ code }) => void this._onClose(code);
    return socket;
  }

  /**
   * Handle messages in their order, though pictures take time to decode.
   * @param {WebSocket} socket
   * @param {string|ArrayBuffer} data
   * @param {number} arrived_ms
   */
  _receive(socket, data, arrived_ms) {
    this._n_waiting += 1;
    this._inbox = this._inbox
      .then(() => {
        if (socket !== this._socket || this._isOver) return undefined;
        if (typeof data === "string") return this._onText(JSON.parse(data), arrived_ms);
        return this._onBinary(data);
      })
      .catch(reportError)
      .finally(() => (this._n_waiting -= 1));
  }

  /**
   * @param {any} message
   * @param {number} arrived
   */
  _onText(message, arrived) {
    if (message.type === "ready") {
      this._n_retries = 0;
      this._clock.add(undefined, message.server_ms, message.server_ms, arrived);
      this._events.onReady(message);
    } else if (message.type === "result") {
      this._onResult(message, arrived);
    } else if (message.type === "dropped") {
      this._drop(message.seqs);
    } else if (message.type === "state") {
      this._events.onState(message);
    } else if (message.type === "recorded") {
      this._finishRecording(message);
    } else if (message.type === "error") {
      this._events.onError(message);
    }
  }

  /**
   * @param {any} message
   * @param {number} arrived
   */
  _onResult(message, arrived) {
    const { seq, result, repetitions, t } = message;
    this._clock.add(this._sent.get(seq), t.recv, t.send, arrived);
    this._sent.delete(seq);
    /** @type {any} */
    const times = { arrived };
    for (const [name, ms] of Object.entries(t)) times[name] = this._clock.toPage(ms);
    if (message.dropped_seqs.length) this._drop(message.dropped_seqs);
    this._events.onResult({ seq, result, repetitions: repetitions ?? [], t: times });
  }

  /** @param {ArrayBuffer} data */
  async _onBinary(data) {
    const message = readMessage(data);
    if (message.kind === PICTURE && this._n_waiting <= MOST_WAITING) {
      const picture = await createImageBitmap(new Blob([message.data], { type: "image/jpeg" }));
      this._events.onPicture(message.seq, picture, this._clock.toPage(message.capture_ms));
    } else if (message.kind === MASK) {
      const png = new Blob([message.data], { type: "image/png" });
      const mask = await createImageBitmap(png, { colorSpaceConversion: "none" });
      this._events.onMask(message.seq, mask);
    }
  }

  /** @param {number[]} seqs */
  _drop(seqs) {
    for (const seq of seqs) this._sent.delete(seq);
    this._events.onDropped(seqs);
  }

  /** @param {number} code */
  async _onClose(code) {
    this._sent.clear();
    this._finishRecording(null);
    if (this._isOver) return;
    this._events.onInterrupted();
    if (ENDS.includes(code) || (await isLoggedOut())) {
      this._isOver = true;
      if (!ENDS.includes(code)) this._events.onError(LOGGED_OUT);
      this._events.onClose();
      return;
    }
    if (this._n_retries === 0) this._events.onError(LOST);
    const wait_ms = RETRIES_MS[Math.min(this._n_retries, RETRIES_MS.length - 1)];
    this._n_retries += 1;
    setTimeout(() => {
      if (!this._isOver) this._socket = this._connect();
    }, wait_ms);
  }

  /** @param {any} recording */
  _finishRecording(recording) {
    this._onRecorded?.(recording);
    this._onRecorded = null;
  }

  /** @param {object} message */
  _tell(message) {
    if (this._socket.readyState === WebSocket.OPEN) this._socket.send(JSON.stringify(message));
  }

  /** @type {LiveSession["push"]} */
  push(frame) {
    if (this._socket.readyState !== WebSocket.OPEN) return;
    this._sent.set(frame.seq, performance.now());
    this._socket.send(packFrame(frame));
  }

  /** @type {LiveSession["setOptions"]} */
  setOptions(options) {
    this._request = { ...this._request, options: { ...this._request.options, ...options } };
    this._tell({ type: "options", options });
  }

  /** @type {LiveSession["setExercise"]} */
  setExercise(exercise) {
    this._request = { ...this._request, exercise };
    this._tell({ type: "exercise", exercise });
  }

  pause() {
    this._isPaused = true;
    this._tell({ type: "pause" });
  }

  resume() {
    this._isPaused = false;
    this._tell({ type: "resume" });
  }

  reset() {
    this._tell({ type: "reset" });
  }

  /** @type {LiveSession["record"]} */
  record(on) {
    this._tell({ type: "record", on });
    if (on || this._socket.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    return new Promise((resolve) => (this._onRecorded = resolve));
  }

  close() {
    this._isOver = true;
    this._tell({ type: "close" });
    this._socket.close();
  }
}
