/** ServerEngine: the engine behind the server that served the page. */

/** @typedef {import("./engine.js").Engine} Engine */

/** @implements {Engine} */
export class ServerEngine {
  name = "server";

  /** @returns {Promise<import("./types.js").Info>} */
  async info() {
    return (await fetch("/api/info")).json();
  }

  /** @type {Engine["openLive"]} */
  async openLive() {
    throw new Error("not built yet");
  }

  /** @type {Engine["openFile"]} */
  async openFile() {
    throw new Error("not built yet");
  }

  /** @type {Engine["track"]} */
  async track() {
    throw new Error("not built yet");
  }

  /** @type {Engine["repetitions"]} */
  async repetitions(job, exercise) {
    const answer = await fetch(`/api/jobs/${job}/repetitions?exercise=${exercise}`);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error.message);
    return body.people;
  }

  /** @type {Engine["angleTableUrl"]} */
  angleTableUrl(job) {
    return `/api/jobs/${job}/angles.csv`;
  }
}
