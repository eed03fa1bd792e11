/** People: whom chart and table follow; how people are named and coloured. */

import { css, personColor } from "./colors.js";
import { select } from "./controls.js";

/** @import { App } from "./app.js" */
/** @import { Pose, Result } from "./types.js" */

/** The pose of a person in a result. @param {Result|null|undefined} result @param {number|null} id */
export const poseOf = (result, id) => result?.poses.find((pose) => pose.id === id) ?? null;

/**
 * Who is followed, the chosen person or the first of the picture: as now, or else as seen last.
 * @param {App} app @returns {{id: number|null, pose: Pose|null, isNow: boolean}}
 */
export function followed({ store, history }) {
  const { settings: { person }, shown, time_us } = store.state;
  const find = (/** @type {Result|null|undefined} */ result) =>
    (person === null ? result?.poses[0] : poseOf(result, person)) ?? null;
  const now = find(shown?.result);
  if (now) return { id: now.id, pose: now, isNow: true };
  for (let i = history.indexAt(time_us); i >= 0; i--) {
    const pose = find(history.results[i]);
    if (pose) return { id: pose.id, pose, isNow: false };
  }
  const id = person ?? find(history.results.find(find))?.id ?? null;
  return { id, pose: null, isNow: false };
}

/** Colour of a person for lines and text, darker on light ground. @param {App} app @param {number|null} id */
export function inkOf({ info }, id) {
  const color = css(personColor(info, id, 0));
  return `light-dark(color-mix(in oklab, ${color} 60%, #101828), ${color})`;
}

/** IDs in the history, in order. @param {App} app */
export function idsSeen({ history }) {
  /** @type {Set<number>} */
  const ids = new Set();
  for (const { poses } of history.results) for (const { id } of poses) if (id !== null) ids.add(id);
  return [...ids].sort((a, b) => a - b);
}

/** A choice of the person who is followed; all of them show the same. @param {App} app */
export function personSelect(app) {
  const made = select({ "aria-label": "Person" }, [], (value) => app.store.setSettings({ person: value ? Number(value) : null }));
  let timer = 0;
  const fill = () => {
    timer = 0;
    const { person } = app.store.state.settings;
    const ids = [...new Set([...idsSeen(app), ...(person === null ? [] : [person])])];
    if (ids.join() !== made.dataset.ids) {
      made.dataset.ids = ids.join();
      made.replaceChildren(new Option("First person", ""), ...ids.map((id) => new Option(`Person ${id}`, String(id))));
    }
    made.value = String(person ?? "");
  };
  app.store.on(["settings"], fill);
  app.store.on(["historyVersion", "mode"], () => (timer ||= window.setTimeout(fill, 500)));
  fill();
  return made;
}
