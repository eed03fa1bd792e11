/** ServerEngine: the engine behind the server that served the page. */

import { json, post, readResults, request, upload } from "./api.js";
import { ServerLive } from "./server_live.js";

/** @import { Engine } from "./engine.js" */
/** @import { Info } from "./types.js" */

/** @implements {Engine} */
export class ServerEngine {
  name = "server";

  /** @returns {Promise<Info>} */
  async info() {
    return (await fetch("/api/info")).json();
  }

  /** @type {Engine["openLive"]} */
  async openLive(request, events) {
    return new ServerLive(request, events);
  }

  /** @type {Engine["openFile"]} */
  openFile(file, onProgress, signal) {
    return upload(file, onProgress, signal);
  }

  /** @type {Engine["openDemo"]} */
  openDemo() {
    return post("/api/files", { demo: true });
  }

  /** @type {Engine["closeFile"]} */
  async closeFile(file) {
    await request(`/api/files/${file}`, { method: "DELETE", keepalive: true });
  }

  /** @type {Engine["track"]} */
  track(file, options) {
    return post("/api/jobs", { file: file.id, options });
  }

  /** @type {Engine["attach"]} */
  attach(file, results) {
    return post("/api/jobs", { file: file.id, results: results.id });
  }

  /** @type {Engine["job"]} */
  job(id) {
    return json(`/api/jobs/${id}`);
  }

  /** @type {Engine["results"]} */
  results(job, onResults, signal) {
    return readResults(job, onResults, signal);
  }

  /** @type {Engine["mask"]} */
  async mask(job, place) {
    const answer = await request(`/api/jobs/${job}/masks/${place}.png`);
    return createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  }

  /** @type {Engine["stopJob"]} */
  async stopJob(id) {
    await request(`/api/jobs/${id}`, { method: "DELETE" });
  }

  /** @type {Engine["repetitions"]} */
  async repetitions(job, exercise) {
    return (await json(`/api/jobs/${job}/repetitions?exercise=${exercise}`)).people;
  }

  /** @type {Engine["measureUrl"]} */
  measureUrl(job, name, exercise) {
    return `/api/jobs/${job}/${name}?exercise=${exercise}`;
  }
}
