// What is shown before the analysis is there: the summary made during the talk, and how far the rest is.

import { h, replace } from "../dom.js";
import { formatNumber, t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";
import { explained } from "./explanations.js";

/** The figures of the fast summary; null for a session without one. */
export function summarySection({ session, language, done = false }) {
  const { summary } = session;
  if (!summary) return null;
  const minutes = summary.speaking_ms / 60_000;
  const shown = [
    ["answers", summary.answers, 0],
    ["words", summary.words, 0],
    ["minutes", minutes, 1],
    ["speech_rate_wpm", summary.speech_rate_wpm, 0],
    ["mean_length_run", summary.mean_length_run, 1],
  ].filter(([, value]) => typeof value === "number");
  return h(
    "section",
    { class: "stack", "aria-labelledby": "summary" },
    h("h2", { id: "summary" }, t("results.summary")),
    h(
      "dl",
      { class: "figures" },
      shown.map(([name, value, digits]) =>
        h(
          "div",
          {},
          h("dt", {}, t(`results.figure.${name}`)),
          h("dd", { class: "tabular" }, formatNumber(value, { maximumFractionDigits: digits })),
        ),
      ),
    ),
    !done &&
      summary.next &&
      explained("p", { class: "muted prose" }, summary.next.text, summary.next.text_uz, language),
  );
}

/** How far the analysis is: `{element, progress(percent), trouble(problem)}`. */
export function progressCard() {
  const bar = h("progress", { max: 100, value: 0, "aria-labelledby": "progress-label" });
  const label = h("p", { id: "progress-label" }, t("results.waiting"));
  const note = h("p", { class: "small muted", role: "status" });
  return {
    element: h("section", { class: "card stack waiting" }, label, bar, note),
    progress(analysis) {
      bar.value = analysis.progress;
      replace(
        note,
        t(analysis.status === "queued" ? "results.waiting.queued" : "results.waiting.running", {
          percent: analysis.progress,
        }),
      );
    },
    trouble(problem) {
      replace(note, `${problemText(problem)} ${t("results.waiting.trouble")}`);
    },
  };
}

/** A calm screen for what cannot be shown, with what to do about it. */
export function dead(name, ...actions) {
  return h(
    "section",
    { class: "stack dead narrow", dataset: { dead: name } },
    h("h1", {}, t(`results.dead.${name}.title`)),
    h("p", { class: "lead" }, t(`results.dead.${name}.text`)),
    h("div", { class: "row" }, actions),
  );
}
