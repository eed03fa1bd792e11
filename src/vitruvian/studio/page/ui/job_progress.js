/** Job progress: brings the state of a job into the store and its results into the history. */

import { delay, persistent, tellError } from "./api.js";

/** @import { App } from "./app.js" */
/** @import { Job } from "./types.js" */

const POLL_MS = 400;

/** @param {Job|null} job */
export const isActive = (job) => job?.state === "queued" || job?.state === "running";

/**
 * Follow a job until it ends or the signal says so.
 * @param {App} app @param {Job} job @param {() => void} onResults there are new ones in the history
 * @param {AbortSignal} signal
 */
export async function followJob(app, job, onResults, signal) {
  const { engine, history, store } = app;
  store.set({ job });
  const results = engine.results(
    job.id,
    (found) => {
      for (const result of found) history.add(result);
      store.set({ historyVersion: store.state.historyVersion + 1 });
      onResults();
    },
    signal,
  );
  try {
    await Promise.all([results, pollJob(app, job, signal)]);
  } catch (error) {
    if (!signal.aborted) tellError(app, error);
  }
}

/** @param {App} app @param {Job} job @param {AbortSignal} signal */
async function pollJob({ engine, store, tell }, job, signal) {
  const onLost = () => tell("The connection to the server is lost.", "It is tried again.", "error");
  while (isActive(job)) {
    await delay(POLL_MS);
    if (signal.aborted) return;
    job = await persistent(() => engine.job(job.id), signal, onLost);
    if (signal.aborted) return;
    store.set({ job });
  }
  if (job.state === "failed") tell(job.error ?? "The file can't be tracked.", "", "error");
}
