/** Starts the page: makes the app and gives each panel its place. */

import { SETTINGS } from "./app.js";
import { History } from "./history.js";
import { ServerEngine } from "./server_engine.js";
import { Store } from "./store.js";
import { mount as chartPanel } from "./chart_panel.js";
import { mount as drop } from "./drop.js";
import { mount as folderDialog } from "./folder_dialog.js";
import { mount as figuresPanel } from "./figures_panel.js";
import { mount as keys } from "./keys.js";
import { mount as layout } from "./layout.js";
import { mount as live } from "./live.js";
import { tell } from "./messages.js";
import { mount as numbersPanel } from "./numbers_panel.js";
import { mount as picturePanel } from "./picture_panel.js";
import { mount as recorded } from "./recorded.js";
import { mount as repetitionsPanel } from "./repetitions_panel.js";
import { mount as scenePanel } from "./scene_panel.js";
import { mount as settingsPanel } from "./settings_panel.js";
import { mount as timelinePanel } from "./timeline_panel.js";
import { mount as toolbar } from "./toolbar.js";

/** @import { App } from "./app.js" */

/** Controllers, which fill in `app.actions`, come first. */
const MOUNTS = [
  live, recorded, folderDialog, picturePanel, scenePanel, chartPanel, numbersPanel, repetitionsPanel,
  figuresPanel, timelinePanel, toolbar, settingsPanel, layout, keys, drop,
];

async function start() {
  const engine = new ServerEngine();
  const info = await engine.info();
  /** @type {any} */
  const actions = {};
  /** @type {App} */
  const app = {
    store: new Store({
      mode: "empty",
      title: "",
      options: info.defaults,
      settings: { ...SETTINGS, minVisibility: info.style.min_visibility },
      shown: null,
      historyVersion: 0,
      liveState: null,
      times: null,
      fps: 0,
      cameras: [],
      isBusy: false,
      isRecording: false,
      isPaused: false,
      file: null,
      job: null,
      time_us: 0,
      loop: null,
      speed: 1,
      upload: null,
      frameTimes_us: null,
      repetitions: null,
      highlight: null,
    }),
    info,
    engine,
    actions,
    history: new History(),
    tell,
  };
  for (const mount of MOUNTS) mount(app);
  Object.assign(window, { vitruvian: app }); // for the console, and for tests
  document.documentElement.dataset.state = "ready";
}

await start();
