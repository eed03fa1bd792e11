/** Toolbar: source, model, people, record, snapshot, export, speed, theme, help. */

import { byId, element } from "./app.js";
import { button, icon, menu, relabel, segmented, select } from "./controls.js";
import { showHelp } from "./keys.js";
import { toggleSidebar } from "./layout.js";

/** @import { App } from "./app.js" */
/** @import { Info } from "./types.js" */

const MOST_PEOPLE = 6;
const THEMES = /** @type {const} */ (["auto", "light", "dark"]);

/** The menu Export: the first group that a format fits.
 * @type {[string, (format: Info["formats"][number]) => boolean][]} */
const GROUPS = [
  ["Video and images", (format) => format.draws],
  ["Animation", ({ suffix }) => /^\.(bvh|glb|vrma)$/.test(suffix)],
  ["Biomechanics", ({ suffix }) => /^\.(trc|mot|c3d)$/.test(suffix)],
  ["Training data", ({ suffix }) => /coco|keypoints|dlc/.test(suffix)],
  ["Data", () => true],
];

/** @param {App} app */
export function mount(app) {
  const { store, info, actions } = app;
  const bar = byId("toolbar");

  const title = element("span", { class: "text" });
  const source = element("button", { type: "button", id: "source", class: "quiet" }, icon("camera"), title, icon("chevron"));
  const picker = element("input", { type: "file", accept: "video/*,image/*,.jsonl,.json,.csv", hidden: true, "aria-label": "File to open" });
  picker.addEventListener("change", () => {
    const [file] = picker.files ?? [];
    if (file) actions.openFile(file);
    picker.value = "";
  });
  byId("start-file").onclick = () => picker.click();
  byId("start-camera").onclick = () => actions.startCamera();
  byId("start-demo").onclick = () => actions.openDemo();

  const model = segmented("Model", info.models.map(({ name }) => [name, name]), (name) => actions.setOptions({ model: name }));
  const counts = Array.from({ length: MOST_PEOPLE }, (_, i) => /** @type {[string, string]} */ ([`${i + 1}`, `${i + 1} ${i ? "people" : "person"}`]));
  const people = select({ "aria-label": "People to find at most", title: "People to find at most" }, counts, (n) => actions.setOptions({ num_poses: Number(n) }));
  byId("model").append(model.group, people);

  const record = button("record", "Record", () => actions.record(), { class: "quiet danger", isShown: true, title: "Record (Shift+R)" });
  const snapshot = button("snapshot", "Snapshot: save the picture as PNG (P)", () => actions.snapshot());
  const save = button("export", "Export", () => {}, { isShown: true, title: "Export (E)" });
  save.id = "export";
  const speed = element("span", { class: "speed number", title: "Frames per second · capture to drawn" });
  const progress = element("progress", { "aria-label": "Progress" });
  const aside = button("sidebar", "Show or hide the settings", toggleSidebar);
  aside.id = "toggle-sidebar";
  const theme = button("theme", "Theme", () => {
    const next = THEMES[(THEMES.indexOf(store.state.settings.theme) + 1) % THEMES.length];
    store.setSettings({ theme: next });
    app.tell(next === "auto" ? "Theme of the system" : `Theme: ${next}`);
  });

  bar.append(
    source, picker, byId("model"),
    element("div", { class: "group" }, record, snapshot, save),
    element("div", { class: "group end" }, speed, element("span", { class: "chip engine", title: "What finds the people" }, app.engine.name),
      theme, button("help", "Keys and help (?)", () => showHelp()), aside),
    menu(source, sourceItems), menu(save, exportItems), progress,
  );

  /** @param {string} name of the icon @param {string} text @param {() => void} press */
  const item = (name, text, press) => button(name, text, press, { class: "", isShown: true });

  function sourceItems() {
    const { cameras } = store.state;
    const items = cameras.length > 1
      ? cameras.map(({ id, name }) => item("camera", name, () => actions.startCamera(id)))
      : [item("camera", "Use this camera", () => actions.startCamera())];
    items.push(item("file", "Open a file…", () => picker.click()));
    if (info.folders?.length) items.push(item("folder", "Browse folders…", () => actions.browse()));
    for (const input of info.inputs ?? []) {
      if (input.kind === "file") items.push(item("file", input.file.name, () => actions.openMedia(input.file, input.job)));
    }
    /** @type {Node[]} */
    const servers = info.cameras.map(({ id, name }) => item("server", name, () => actions.startSource({ kind: "server", id }, name)));
    if (servers.length) servers.unshift(element("h2", {}, "Cameras of the server"));
    if (info.limits.allow_urls) servers.push(element("h2", {}, "Stream"), streamForm(app, () => byId("menu-source").hidePopover()));
    const close = store.state.mode === "empty" ? [] : [element("hr"), item("close", "Close", () => actions.close())];
    return [...items, ...servers, ...close];
  }

  function exportItems() {
    /** @type {Map<string, Node[]>} */
    const groups = new Map([["Data", []], ...GROUPS.map(([name]) => /** @type {[string, Node[]]} */ ([name, []]))]);
    for (const format of info.formats) {
      const [name] = /** @type {(typeof GROUPS)[number]} */ (GROUPS.find(([, fits]) => fits(format)));
      const made = item("", format.title, () => actions.exportAs(format.suffix));
      const missing = format.is_available ? "" : `needs ${format.extra ? `vitruvian[${format.extra}]` : "an extra"}`;
      made.disabled = Boolean(missing);
      made.append(element("small", {}, missing || format.suffix));
      groups.get(name)?.push(made);
    }
    return [...groups].filter(([, items]) => items.length).flatMap(([name, items]) => [element("h2", {}, name), ...items]);
  }

  const starts = byId("start-server");
  starts.append(...info.cameras.map(({ id, name }) => item("server", name, () => actions.startSource({ kind: "server", id }, name))));
  if (info.folders?.length) starts.append(item("folder", "Browse folders…", () => actions.browse()));

  function update() {
    const { mode, options, isRecording, isBusy, job, upload } = store.state;
    const isLive = mode === "live";
    title.textContent = mode === "empty" ? "Open" : store.state.title;
    source.title = `Source: ${title.textContent}`;
    model.choose(String(options.model));
    people.value = String(Math.min(Number(options.num_poses), MOST_PEOPLE));
    record.hidden = !isLive;
    record.setAttribute("aria-pressed", String(isRecording));
    relabel(record, isRecording ? "stop" : "record", isRecording ? "Stop" : "Record");
    snapshot.hidden = mode === "empty";
    save.hidden = mode !== "recorded";
    const isTracking = job?.state === "running" || job?.state === "queued";
    progress.hidden = !(isBusy || isTracking);
    if (upload) Object.assign(progress, { max: 1, value: upload.share });
    else if (isTracking && job?.n_total) Object.assign(progress, { max: job.n_total, value: job.n_done });
    else progress.removeAttribute("value");
    updateSpeed();
  }

  function updateSpeed() {
    const { mode, fps, times, job, isPaused, upload } = store.state;
    if (mode === "live") speed.textContent = isPaused ? "paused" : `${fps.toFixed(0)} fps · ${times ? times.total.toFixed(0) : "–"} ms`;
    else if (upload) speed.textContent = `uploading ${(100 * upload.share).toFixed(0)} %`;
    else speed.textContent = job?.state === "running" && job.fps ? `tracking ${job.fps.toFixed(0)} fps` : "";
  }

  store.on(["mode", "title", "options", "isRecording", "isBusy", "job", "upload"], update);
  store.on(["fps", "times", "isPaused"], updateSpeed);
  update();
}

/** @param {App} app @param {() => void} done */
function streamForm({ actions }, done) {
  const address = element("input", { type: "url", required: true, placeholder: "rtsp://…", "aria-label": "Address of the stream" });
  const form = element("form", { class: "row" }, address, element("button", {}, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done();
    actions.startSource({ kind: "url", url: address.value }, address.value);
  });
  return form;
}
