// Why the microphone cannot be heard, and what to do about it.

import { h, icon } from "../dom.js";
import { t } from "../i18n.js";

const KNOWN = new Set(["denied", "none", "busy", "insecure"]);

/** A panel for a MicrophoneProblem with a button to try again. */
export function microphoneHelp(problem, again) {
  const code = KNOWN.has(problem.code) ? problem.code : "failed";
  return h(
    "div",
    { class: "card stack", role: "alert" },
    h("h2", { class: "row" }, icon("mic-off"), t(`exam.microphone.${code}.title`)),
    h("p", {}, t(`exam.microphone.${code}.text`)),
    h(
      "div",
      {},
      h("button", { class: "button primary", type: "button", onclick: again }, t("exam.microphone.again")),
    ),
  );
}
