/** Folder dialog: files of the folders that the server allows, and those that are open there already. */

import { json, post, tellError } from "./api.js";
import { element } from "./app.js";
import { button } from "./controls.js";

/** @import { App } from "./app.js" */

/** @typedef {{name: string, files: {name: string, bytes: number}[], folders: {id: string, name: string}[]}} Listing */

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);

/** @param {App} app */
export function mount(app) {
  const { actions, info } = app;
  /** @type {{id: string, name: string}[]} */
  let path = [];
  const title = element("h2", { id: "folder-title" });
  const list = element("ul", { class: "files" });
  const dialog = element("dialog", { id: "folder", "aria-labelledby": "folder-title" },
    element("header", {}, title, button("close", "Close", () => dialog.close())), list);
  document.body.append(dialog);

  /** @param {string} name of the icon @param {string} text @param {string} note @param {() => unknown} press */
  const entry = (name, text, note, press) => {
    const made = button(name, text, press, { class: "quiet", isShown: true });
    made.append(element("small", {}, note));
    return element("li", {}, made);
  };
  const told = (/** @type {Promise<unknown>} */ doing) => void doing.catch((error) => tellError(app, error));

  function showStart() {
    path = [];
    title.textContent = "Open";
    list.replaceChildren(
      ...info.folders.map((folder) => entry("folder", folder.name, "folder", () => told(enter([folder])))),
      ...info.inputs.flatMap((input) => input.kind === "file"
        ? [entry("file", input.file.name, "open on the server", () => open(() => actions.openMedia(input.file, input.job)))] : []),
    );
    if (!list.childElementCount) list.append(element("li", { class: "muted" }, "`vitruvian studio --folder DIR` lets this page open files of DIR."));
  }

  /** @param {{id: string, name: string}[]} wanted */
  async function enter(wanted) {
    const [folder] = wanted.slice(-1);
    /** @type {Listing} */
    const { files, folders } = await json(`/api/folders/${folder.id}`);
    path = wanted;
    title.textContent = path.map(({ name }) => name).join(" / ");
    const up = path.length > 1 ? () => told(enter(path.slice(0, -1))) : showStart;
    list.replaceChildren(
      ...(path.length > 1 || !isOnly() ? [entry("back", "Back", "", up)] : []),
      ...folders.map((inner) => entry("folder", inner.name, "", () => told(enter([...path, inner])))),
      ...files.map(({ name, bytes }) => entry("file", name, size(bytes), () =>
        open(async () => actions.openMedia(await post("/api/files", { folder: folder.id, name }))))),
    );
    if (!files.length && !folders.length) list.append(element("li", { class: "muted" }, "No videos, images or results here."));
    list.querySelector("button")?.focus();
  }

  /** @param {() => Promise<void>} opening */
  function open(opening) {
    dialog.close();
    told(opening());
  }

  const isOnly = () => info.folders.length === 1 && !info.inputs.length;
  actions.browse = () => {
    showStart();
    dialog.showModal();
    if (isOnly()) told(enter([info.folders[0]]));
  };
}
