// The report as a PDF: asked for, made in the background, downloaded.

import { api } from "../api.js";
import { h, icon, replace } from "../dom.js";
import { t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";
import { delayMs, passes, pauseOrWake } from "./follow.js";

const MOST_QUESTIONS = 40;

/** The button that gets the report of a session; `signal` ends what it has under way. */
export function reportButton(sessionId, signal) {
  const note = h("p", { class: "small muted", role: "status" });
  const button = h(
    "button",
    { class: "button", type: "button", onclick: () => void get() },
    icon("download"),
    t("results.report"),
  );

  async function get() {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    replace(note, t("results.report.making"));
    try {
      const report = await made(sessionId, signal, (percent) =>
        replace(note, t("results.report.progress", { percent })),
      );
      if (report.status === "failed") {
        replace(note, t("results.report.failed"));
      } else {
        save(await api.blob(report.url), `speakmate-report-${sessionId}.pdf`);
        replace(note, t("results.report.saved"));
      }
    } catch (problem) {
      if (signal.aborted) return;
      replace(note, problemText(problem));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  return h("div", { class: "report" }, button, note);
}

async function made(sessionId, signal, onprogress) {
  for (let asked = 0; ; asked += 1) {
    try {
      const report = await api.post(`analysis/sessions/${sessionId}/pdf`);
      if (report.status === "done" || report.status === "failed") return report;
      onprogress(report.progress);
    } catch (problem) {
      if (!passes(problem) || asked >= MOST_QUESTIONS) throw problem;
    }
    await pauseOrWake(delayMs(asked), signal);
    signal.throwIfAborted();
  }
}

/** Hand a file to the browser's downloads. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be reading it
}
