/** ServerLive: a live session on the server, through a WebSocket that is opened again when it is lost. */

import { Clock } from "./clock.js";
import { MASK, PICTURE, packFrame, readMessage } from "./wire.js";

/** @typedef {import("./engine.js").LiveSession} LiveSession */

const PROTOCOL = "vitruvian.1";
const RETRIES_MS = [500, 1000, 2000, 5000]; // the last one again and again
const MOST_WAITING = 3; // messages; pictures that can't be decoded in time are left out
const NOT_RECORDED = ["nothing_recorded", "recording_failed"]; // answers to the end of a recording
const ENDS = [1000, 1008, 1013]; // ended, refused, busy: the server has told why
const LOST = { code: "lost", message: "The connection to the server is lost.", hint: "Trying again until it is back." };
const LOGGED_OUT = {
  code: "no_token", message: "This page is not logged in any more.", hint: "Open the URL that the server shows now.",
};

/** A server that was started again has another token, which a WebSocket can't tell. */
const isLoggedOut = () => fetch("/api/info").then((answer) => answer.status === 401, () => false);

/** @implements {LiveSession} */
export class ServerLive {
  /** @param {import("./engine.js").LiveRequest} request @param {import("./engine.js").LiveEvents} events */
  constructor(request, events) {
    this._request = request;
    this._events = events;
    this._clock = new Clock();
    /** @type {Map<number, number>} when each unanswered frame was sent */
    this._sent = new Map();
    this._inbox = Promise.resolve();
    this._n_waiting = this._n_retries = 0;
    this._isOver = this._isPaused = this._isReady = false;
    /** @type {((recording: any) => void)[]} who waits for recordings, in their order */
    this._awaited = [];
    this._socket = this._connect();
  }

  _connect() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/live`, PROTOCOL);
    socket.binaryType = "arraybuffer";
    this._isReady = false;
    socket.onopen = () => {
      this._tell({ type: "open", ...this._request });
      if (this._isPaused) this.pause();
    };
    socket.onmessage = ({ data }) => this._receive(socket, data, performance.now());
    socket.onclose = ({ code }) => void this._onClose(code);
    return socket;
  }

  /**
   * Handle messages in their order, though pictures take time to decode.
   * @param {WebSocket} socket @param {string|ArrayBuffer} data @param {number} arrived_ms
   */
  _receive(socket, data, arrived_ms) {
    this._n_waiting += 1;
    this._inbox = this._inbox
      .then(() => {
        if (socket !== this._socket || this._isOver) return undefined;
        return typeof data === "string" ? this._onText(JSON.parse(data), arrived_ms) : this._onImage(data);
      })
      .catch(reportError)
      .finally(() => (this._n_waiting -= 1));
  }

  /** @param {any} message @param {number} arrived */
  _onText(message, arrived) {
    const { onReady, onState, onError } = this._events;
    if (message.type === "ready") {
      this._n_retries = 0;
      this._isReady = true;
      this._clock.add(undefined, 0, message.server_ms, arrived);
      onReady(message);
    } else if (message.type === "result") this._onResult(message, arrived);
    else if (message.type === "dropped") this._drop(message.seqs);
    else if (message.type === "state") onState(message);
    else if (message.type === "recorded") this._awaited.shift()?.(message);
    else if (message.type === "error") {
      if (NOT_RECORDED.includes(message.code)) this._awaited.shift()?.(null);
      onError(message);
      if (!this._isReady) this._onRefused();
    }
  }

  /** The source can't be opened. One that was open before may still be in use: it is tried again, a few times. */
  _onRefused() {
    if (this._n_retries > 0 && this._n_retries < RETRIES_MS.length) return this._socket.close();
    this.close();
    this._events.onClose();
  }

  /** @param {any} message @param {number} arrived */
  _onResult({ seq, result, repetitions, t, dropped_seqs }, arrived) {
    this._clock.add(this._sent.get(seq), t.recv, t.send, arrived);
    this._sent.delete(seq);
    this._drop(dropped_seqs);
    /** @type {any} */
    const times = { arrived };
    for (const name of Object.keys(t)) times[name] = this._clock.toPage(t[name]);
    this._events.onResult({ seq, result, repetitions, t: times });
  }

  /** @param {ArrayBuffer} data */
  async _onImage(data) {
    const message = readMessage(data);
    const isPicture = message.kind === PICTURE;
    if (isPicture ? this._n_waiting > MOST_WAITING : message.kind !== MASK) return;
    const file = new Blob([message.data], { type: isPicture ? "image/jpeg" : "image/png" });
    const image = await createImageBitmap(file, isPicture ? {} : { colorSpaceConversion: "none" });
    if (this._isOver) image.close();
    else if (isPicture) this._events.onPicture(message.seq, image, this._clock.toPage(message.capture_ms));
    else this._events.onMask(message.seq, image);
  }

  /** @param {number[]} seqs */
  _drop(seqs) {
    for (const seq of seqs) this._sent.delete(seq);
    if (seqs.length) this._events.onDropped(seqs);
  }

  /** @param {number} code */
  async _onClose(code) {
    this._sent.clear();
    this._giveUpRecordings();
    if (this._isOver) return;
    this._events.onInterrupted();
    const isEnd = ENDS.includes(code);
    if (isEnd || (await isLoggedOut())) {
      if (this._isOver) return;
      this._isOver = true;
      if (!isEnd) this._events.onError(LOGGED_OUT);
      return this._events.onClose();
    }
    if (this._n_retries === 0 && !this._isOver) this._events.onError(LOST);
    const wait_ms = RETRIES_MS[Math.min(this._n_retries++, RETRIES_MS.length - 1)];
    setTimeout(() => {
      if (!this._isOver) this._socket = this._connect();
    }, wait_ms);
  }

  get _isConnected() {
    return this._socket.readyState === WebSocket.OPEN;
  }

  /** @param {object} message */
  _tell(message) {
    if (this._isConnected) this._socket.send(JSON.stringify(message));
  }

  /** @type {LiveSession["push"]} */
  push(frame) {
    if (!this._isConnected) return;
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
    if (on || !this._isConnected) return Promise.resolve(null);
    return new Promise((resolve) => this._awaited.push(resolve));
  }

  _giveUpRecordings() {
    for (const resolve of this._awaited.splice(0)) resolve(null);
  }

  close() {
    this._isOver = true;
    this._giveUpRecordings();
    this._tell({ type: "close" });
    this._socket.close();
  }
}
