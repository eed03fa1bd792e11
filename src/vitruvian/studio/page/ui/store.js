/** Store: the state of the page, and who is told when a part of it changes. */

/** @import { State } from "./types.js" */

export class Store {
  /** @param {State} initial */
  constructor(initial) {
    /** @type {State} */
    this.state = initial;
    /** @type {Map<keyof State, Set<() => void>>} */
    this._listeners = new Map();
  }

  /** Change parts of the state, then call the listeners of those that differ. @param {Partial<State>} changed */
  set(changed) {
    /** @type {Set<() => void>} */
    const told = new Set();
    for (const key of /** @type {(keyof State)[]} */ (Object.keys(changed))) {
      if (this.state[key] === changed[key]) continue;
      for (const listener of this._listeners.get(key) ?? []) told.add(listener);
    }
    this.state = { ...this.state, ...changed };
    for (const listener of told) listener();
  }

  /**
   * Call a function whenever one of the parts changes; returns what ends that.
   * @param {(keyof State)[]} keys @param {() => void} listener
   * @param {number} [rest_ms] between two calls while live, at least: the picture needs the time
   */
  on(keys, listener, rest_ms = 0) {
    let [timer, told_ms] = [0, -Infinity];
    const tell = () => {
      clearTimeout(timer);
      [timer, told_ms] = [0, performance.now()];
      listener();
    };
    const told = () => {
      const wait_ms = this.state.mode === "live" ? told_ms + rest_ms - performance.now() : 0;
      if (wait_ms <= 0) tell();
      else timer ||= window.setTimeout(tell, wait_ms);
    };
    const called = rest_ms ? told : listener;
    for (const key of keys) {
      if (!this._listeners.has(key)) this._listeners.set(key, new Set());
      this._listeners.get(key)?.add(called);
    }
    return () => keys.forEach((key) => this._listeners.get(key)?.delete(called));
  }

  /** Change some settings. @param {Partial<State["settings"]>} changed */
  setSettings(changed) {
    this.set({ settings: { ...this.state.settings, ...changed } });
  }
}
