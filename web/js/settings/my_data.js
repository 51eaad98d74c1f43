// What belongs to the learner, to take along.

import { api } from "../api.js";
import { h, icon, replace } from "../dom.js";
import { t } from "../i18n.js";
import { save } from "../results/report.js";
import { problemText } from "../ui/problem_text.js";

/** The buttons that download everything, and the training alone. */
export function myData() {
  const note = h("p", { class: "small muted", role: "status" });
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "row" },
      download("settings.export.all", "users/me/export", "speakmate.zip", note),
      download("settings.export", "training/export", "speakmate-training.json", note),
    ),
    note,
  );
}

function download(label, path, name, note) {
  const button = h(
    "button",
    { class: "button", type: "button", onclick: () => void get() },
    icon("download"),
    t(label),
  );
  async function get() {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    replace(note, t("settings.export.making"));
    try {
      save(await api.blob(path), name);
      replace(note, t("settings.exported"));
    } catch (problem) {
      replace(note, problemText(problem));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
  return button;
}
