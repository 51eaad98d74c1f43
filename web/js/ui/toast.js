// Short words by the way: seen, and read out.

import { h, replace } from "../dom.js";

const SHOWN_MS = 6000;

/** Show a line for a few seconds; `kind` is "plain" or "bad". */
export function toast(text, kind = "plain") {
  const box = h("div", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), SHOWN_MS);
}

/** Have a line read out that is seen elsewhere already. */
export function announce(text) {
  replace(document.getElementById("announcer"), text);
}
