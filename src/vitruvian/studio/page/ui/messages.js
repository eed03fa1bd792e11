/** Messages: what the page tells; an error stays until it is closed. */

import { byId, element } from "./app.js";
import { button, icon } from "./controls.js";

const SHOWN_MS = 6000;
const MOST = 4;

/**
 * Tell something; the same text is shown once.
 * @param {string} text @param {string} [hint] what to do @param {"info"|"error"} [kind]
 */
export function tell(text, hint = "", kind = "info") {
  const list = byId("messages");
  for (const old of list.children) if (old.getAttribute("data-text") === text) old.remove();
  const message = element("div", { class: `message ${kind}`, "data-text": text, role: kind === "error" ? "alert" : "status" });
  const words = element("div", {}, element("p", {}, sentence(text)));
  if (hint) words.append(element("p", { class: "muted" }, hint));
  message.append(icon(kind === "error" ? "warning" : "info"), words, button("close", "Close this message", () => message.remove()));
  list.append(message);
  while (list.children.length > MOST) list.children[0].remove();
  if (kind === "info") setTimeout(() => message.remove(), SHOWN_MS);
}

/** Messages of the server begin with a small letter; names of files stay as they are. @param {string} text */
const sentence = (text) => text.replace(/^[a-z']+ /, (word) => word[0].toUpperCase() + word.slice(1));
