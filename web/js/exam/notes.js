// What a learner writes down in the minute of preparation; it outlives a reload, and goes with the exam.

import { h } from "../dom.js";
import { t } from "../i18n.js";

const key = (sessionId) => `speakmate.notes.${sessionId}`;

export function notesField(sessionId) {
  const text = h("textarea", {
    class: "input notes",
    id: "notes",
    rows: 5,
    lang: "en",
    placeholder: t("exam.card.notes_hint"),
    oninput: () => sessionStorage.setItem(key(sessionId), text.value),
  });
  text.value = sessionStorage.getItem(key(sessionId)) ?? "";
  return h("div", { class: "field" }, h("label", { for: "notes" }, t("exam.card.notes")), text);
}

export function forgetNotes(sessionId) {
  sessionStorage.removeItem(key(sessionId));
}
