// Practice: the answer, what to change first, and the same answer with the corrections in it.

import { h } from "../dom.js";
import { current, t } from "../i18n.js";

/** A turn.feedback event as a panel. */
export function feedbackPanel(event) {
  return h(
    "section",
    { class: "feedback stack", "aria-label": t("exam.feedback.title") },
    h("h2", {}, t(event.findings.length ? "exam.feedback.title" : "exam.feedback.none")),
    h(
      "p",
      { class: "said", lang: "en" },
      marked(
        event.text,
        event.findings.map((f) => [f.char_start, f.char_end]),
        "wrong",
      ),
    ),
    event.findings.length > 0 && h("ul", { class: "findings" }, event.findings.map(finding)),
    event.better &&
      h(
        "div",
        { class: "better" },
        h("h3", { class: "eyebrow" }, t("exam.feedback.better")),
        h(
          "p",
          { lang: "en" },
          marked(
            event.better.text,
            event.better.changes
              .filter((c) => c.kind === "correction")
              .map((c) => [c.better_start, c.better_end]),
            "right",
          ),
        ),
      ),
    h("p", { class: "muted small" }, current() === "uz" ? event.note_uz : event.note),
  );
}

function finding(found) {
  const explanation = current() === "uz" ? (found.explanation_uz ?? found.explanation) : found.explanation;
  return h(
    "li",
    {},
    h(
      "p",
      { class: "correction", lang: "en" },
      h("del", {}, found.quote),
      " → ",
      h("ins", {}, found.correction || "–"),
    ),
    explanation && h("p", { class: "muted" }, explanation),
  );
}

/** The text with some stretches of it marked; those that overlap an earlier one are left. */
function marked(text, stretches, kind) {
  const pieces = [];
  let at = 0;
  for (const [start, end] of [...stretches].sort((a, b) => a[0] - b[0])) {
    if (start < at || end <= start) continue;
    pieces.push(text.slice(at, start), h("mark", { class: kind }, text.slice(start, end)));
    at = end;
  }
  return [...pieces, text.slice(at)];
}
