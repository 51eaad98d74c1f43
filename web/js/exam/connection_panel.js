// What the learner is told when the connection is not as it should be, and what to do.

import { h, icon } from "../dom.js";
import { has, t } from "../i18n.js";

/** A notice for a state of LiveExam; null where there is nothing to say. */
export function connectionPanel(state, actions) {
  switch (state.name) {
    case "lost":
      return notice("caution", "wifi-off", t("exam.connection.lost.title"), t("exam.connection.lost.text"));
    case "elsewhere":
      return notice(
        "caution",
        "info",
        t("exam.connection.elsewhere.title"),
        t("exam.connection.elsewhere.text"),
        button("exam.connection.elsewhere.here", actions.here, "primary"),
        button("exam.home", actions.home, ""),
      );
    case "failed": {
      const known = `exam.connection.failed.${state.code}`;
      const text = has(known) ? t(known) : state.message || t("exam.connection.failed.text");
      return notice(
        "bad",
        "warning",
        t("exam.connection.failed.title"),
        text,
        button("exam.connection.failed.again", actions.here, "primary"),
        button("exam.home", actions.home, ""),
      );
    }
    default:
      return null;
  }
}

function notice(kind, picture, title, text, ...buttons) {
  return h(
    "div",
    { class: `notice ${kind}` },
    icon(picture),
    h(
      "div",
      { class: "stack" },
      h("div", {}, h("p", {}, h("strong", {}, title)), h("p", {}, text)),
      buttons.length > 0 && h("div", { class: "row" }, buttons),
    ),
  );
}

function button(key, act, kind) {
  return h("button", { class: `button ${kind}`, type: "button", onclick: act }, t(key));
}
