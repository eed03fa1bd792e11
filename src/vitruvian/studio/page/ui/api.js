/** Api: the requests of the page to its server, and what their errors say. */

/** @import { App } from "./app.js" */
/** @import { MediaFile, Result } from "./types.js" */

const WAITS_MS = [500, 1000, 2000, 5000];
const OFFLINE = {
  code: "offline",
  message: "The server does not answer.",
  hint: "Is `vitruvian studio` still running?",
};

/** A request that was refused, or had no answer. */
export class ApiError extends Error {
  /** @param {{code: string, message: string, hint: string}} problem */
  constructor({ code, message, hint }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Tell the user what a request answered; an aborted one needs no words. @param {App} app @param {unknown} error */
export function tellError(app, error) {
  if (error instanceof ApiError) app.tell(error.message, error.hint, "error");
  else if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}

/** @param {number} ms @returns {Promise<void>} */
export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {number} status @param {string} body */
function apiError(status, body) {
  try {
    return new ApiError(JSON.parse(body).error);
  } catch {
    return new ApiError({ code: `http_${status}`, message: `The server answered ${status}.`, hint: "" });
  }
}

/** @param {string} path @param {RequestInit} [init] */
export async function request(path, init = {}) {
  let response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw init.signal?.aborted ? error : new ApiError(OFFLINE);
  }
  if (!response.ok) throw apiError(response.status, await response.text());
  return response;
}

/** @param {string} path @param {RequestInit} [init] */
export const json = async (path, init) => (await request(path, init)).json();

/** @param {string} path @param {object} body */
export const post = (path, body) =>
  json(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/**
 * Upload a file. `fetch` does not tell how far it is.
 * @param {File} file @param {(share: number) => void} onProgress @param {AbortSignal} [signal]
 * @returns {Promise<MediaFile>}
 */
export function upload(file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PUT", `/api/files?name=${encodeURIComponent(file.name)}`);
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 1);
    sending.onload = () => {
      if (sending.status < 300) resolve(JSON.parse(sending.responseText));
      else reject(apiError(sending.status, sending.responseText));
    };
    sending.onerror = () => reject(new ApiError(OFFLINE));
    sending.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/**
 * Call again while the server does not answer.
 * @template T
 * @param {() => Promise<T>} call
 * @param {AbortSignal} signal
 * @param {() => void} [onLost]
 * @returns {Promise<T>}
 */
export async function persistent(call, signal, onLost) {
  for (let n = 0; ; n++) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError) || error.code !== "offline") throw error;
      if (n === 0) onLost?.();
      await delay(WAITS_MS[Math.min(n, WAITS_MS.length - 1)]);
    }
  }
}

/**
 * Give the results of a job as they come, until it ends; a lost connection is resumed.
 * @param {string} job @param {(results: Result[]) => void} onResults @param {AbortSignal} signal
 */
export async function readResults(job, onResults, signal) {
  let n = 0;
  const read = async () => {
    const { body } = await request(`/api/jobs/${job}/results?from=${n}`, { signal });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
    const decoder = new TextDecoder();
    for (let rest = ""; ; ) {
      const { done, value } = await reader.read().catch((error) => {
        throw signal.aborted ? error : new ApiError(OFFLINE);
      });
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = /** @type {string} */ (lines.pop());
      n += lines.length;
      if (lines.length) onResults(lines.map((line) => JSON.parse(line)));
    }
  };
  await persistent(read, signal);
}

/** Let the browser save what the server answers, under the name that it gives. @param {string} path */
export async function download(path) {
  const response = await request(path);
  const said = response.headers.get("Content-Disposition") ?? "";
  const name = /filename\*?=(?:utf-8'')?"?([^";]+)/i.exec(said)?.[1] ?? "";
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = decodeURIComponent(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
