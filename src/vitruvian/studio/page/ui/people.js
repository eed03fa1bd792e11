/** People: whom chart and table follow; how people are named and coloured. */

import { element } from "./app.js";
import { css, personColor } from "./colors.js";

/** @typedef {import("./app.js").App} App */

/** The pose of a person in a result. @param {import("./types.js").Result|null|undefined} result @param {number|null} id */
export const poseOf = (result, id) => result?.poses.find((pose) => pose.id === id) ?? null;

/** ID of the person who is followed: the chosen one, or the first of the picture. @param {App} app */
export function followedId({ store, history }) {
  const { settings, shown, time_us } = store.state;
  if (settings.person !== null) return settings.person;
  if (shown?.result?.poses.length) return shown.result.poses[0].id;
  for (let i = history.indexAt(time_us); i >= 0; i--) {
    const pose = history.results[i]?.poses[0];
    if (pose) return pose.id;
  }
  return history.results.find(({ poses }) => poses.length)?.poses[0].id ?? null;
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
  const change = () => app.store.setSettings({ person: select.value ? Number(select.value) : null });
  const select = element("select", { "aria-label": "Person", onchange: change });
  let timer = 0;
  const fill = () => {
    timer = 0;
    const { person } = app.store.state.settings;
    const ids = [...new Set([...idsSeen(app), ...(person === null ? [] : [person])])];
    if (ids.join() !== select.dataset.ids) {
      select.dataset.ids = ids.join();
      const options = ids.map((id) => element("option", { value: String(id) }, `Person ${id}`));
      select.replaceChildren(element("option", { value: "" }, "First person"), ...options);
    }
    select.value = String(person ?? "");
  };
  app.store.on(["settings"], fill);
  app.store.on(["historyVersion", "mode"], () => (timer ||= window.setTimeout(fill, 500)));
  fill();
  return select;
}
