// Quotes that can be heard.

import { h, icon } from "../dom.js";
import { t } from "../i18n.js";

/** A place in the recording as minutes and seconds: 1:05. */
export function place(ms) {
  const s = Math.floor(ms / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/**
 * A quote `{quote, start_ms, end_ms}`; a button that plays it where it has a time and `player` is not null (the
 * recording may be gone).
 */
export function quote(evidence, player) {
  const words = h("q", { lang: "en", dir: "auto" }, evidence.quote);
  if (player === null || evidence.start_ms === null) return h("span", { class: "quote" }, words);
  const button = h(
    "button",
    {
      class: "quote",
      type: "button",
      "aria-pressed": "false",
      onclick: () => void player.toggle(evidence.start_ms, evidence.end_ms ?? evidence.start_ms, button),
    },
    h("span", { class: "visually-hidden" }, `${t("results.listen")}: `),
    icon("play"),
    words,
    h("span", { class: "quote-time" }, place(evidence.start_ms)),
  );
  return button;
}

/** A button that plays a stretch, named by `label`. */
export function listenButton(startMs, endMs, player, label) {
  if (player === null || startMs === null) return null;
  const button = h(
    "button",
    {
      class: "listen",
      type: "button",
      "aria-pressed": "false",
      "aria-label": label,
      onclick: () => void player.toggle(startMs, endMs, button),
    },
    icon("play"),
    h("span", { class: "quote-time", "aria-hidden": "true" }, place(startMs)),
  );
  return button;
}
