/**
 * Opens the pictures of a file. The browser plays a video, if it can and knows the times of the frames.
 * Otherwise the server sends pictures until its copy of the video is ready.
 */

import { delay, json, persistent, request, tellError } from "./api.js";
import { Player } from "./player.js";
import { ServerFrames } from "./server_frames.js";
import { VideoFrames } from "./video_frames.js";

/** @import { App } from "./app.js" */
/** @import { MediaFile } from "./types.js" */

const POLL_MS = 500;

/** @param {App} app @param {MediaFile} file @param {AbortSignal} signal the file was left */
export async function openPlayer(app, file, signal) {
  const url = `/api/files/${file.id}`;
  const isVideo = file.kind === "video";
  /** @type {{times_us: number[]}} */
  const { times_us } = file.kind === "image" ? { times_us: [0] } : await json(`${url}/times`, { signal });
  let isPlayed = isVideo && file.is_playable; // by the browser
  let isCopied = false;

  /** @param {unknown} error */
  const onFail = (error) => {
    if (signal.aborted) return;
    if (!isPlayed) return tellError(app, error);
    isPlayed = false;
    fromServer().catch((problem) => signal.aborted || tellError(app, problem));
  };
  const player = new Player(app, file, times_us, onFail);
  signal.addEventListener("abort", () => player.close());

  /** @param {string} source */
  const play = async (source) => {
    const frames = await VideoFrames.open(source, file, times_us);
    if (signal.aborted) return frames.close();
    isPlayed = true;
    await player.setFrames(frames);
  };
  const fromServer = async () => {
    void player.setFrames(new ServerFrames(file, times_us));
    if (!isVideo || isCopied) return;
    isCopied = true;
    if ((await copyOf(file, signal)) === "ready") await play(`${url}/proxy`).catch(() => {});
  };

  app.store.set({ frameTimes_us: times_us });
  if (isPlayed) void play(`${url}/media`).catch(onFail);
  else void fromServer().catch(onFail);
  return player;
}

/** Wait for a copy that browsers can play. @param {MediaFile} file @param {AbortSignal} signal */
async function copyOf(file, signal) {
  const url = `/api/files/${file.id}`;
  let { proxy } = file;
  if (proxy === "none") {
    await request(`${url}/proxy`, { method: "POST", signal });
    proxy = "running";
  }
  while (proxy === "running") {
    await delay(POLL_MS);
    signal.throwIfAborted();
    ({ proxy } = await persistent(() => json(url, { signal }), signal));
  }
  return proxy;
}
