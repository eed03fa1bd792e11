/** People: whom chart and table follow; how people are named and coloured. */

import { element } from "./app.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Result} Result */

const REFRESH_MS = 500;

/** The pose of a person in a result. @param {Result|null|undefined} result @param {number|null} id */
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
  return history.results.find((result) => result.poses.length)?.poses[0].id ?? null;
}

/** Colour of a person, darker on light ground. @param {App} app @param {number|null} id */
export function personColor({ info }, id) {
  const colors = info.style.person_colors;
  const rgb = `rgb(${colors[(id ?? 0) % colors.length].join(" ")})`;
  return `light-dark(color-mix(in oklab, ${rgb} 62%, #101828), ${rgb})`;
}

/** IDs in the history, in order. @param {App} app */
export function idsSeen({ history }) {
  /** @type {Set<number>} */
  const ids = new Set();
  for (const { poses } of history.results) {
    for (const { id } of poses) if (id !== null) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

/**
 * A choice of the person who is followed; all of them show the same.
 * @param {App} app
 */
export function personSelect(app) {
  const select = element("select", { "aria-label": "Person" });
  let shown = "";
  const fill = () => {
    const { person } = app.store.state.settings;
    const ids = idsSeen(app);
    if (person !== null && !ids.includes(person)) ids.push(person);
    const values = ["", ...ids.map(String)];
    if (values.join() !== shown) {
      shown = values.join();
      select.replaceChildren(
        ...values.map((value) =>
          element("option", { value }, value ? `Person ${value}` : "First person"),
        ),
      );
    }
    select.value = person === null ? "" : String(person);
  };
  select.addEventListener("change", () => {
    app.store.setSettings({ person: select.value ? Number(select.value) : null });
  });
  app.store.on(["settings"], fill);
  let timer = 0;
  app.store.on(["historyVersion", "mode", "file"], () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      fill();
    }, REFRESH_MS);
  });
  fill();
  return select;
}
