// Deleting the account: only after a word was typed, because it cannot be undone.

import { api } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";

/** The button, and the question behind it; `ondeleted()` is awaited once everything is erased. */
export function deleteAccount(app, ondeleted) {
  return h(
    "div",
    {},
    h(
      "button",
      { class: "button danger", type: "button", onclick: () => confirm(app, ondeleted) },
      t("training.settings.delete.button"),
    ),
  );
}

function confirm(app, ondeleted) {
  const word = t("training.settings.delete.word");
  const typed = h("input", {
    class: "input",
    id: "delete-word",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    oninput: () => (erase.disabled = typed.value.trim().toLowerCase() !== word.toLowerCase()),
  });
  const erase = h(
    "button",
    { class: "button danger", type: "submit", disabled: true },
    t("training.settings.delete.now"),
  );
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "delete-title", onclose: () => dialog.remove() },
    h(
      "form",
      { class: "stack", onsubmit: (event) => void submit(event) },
      h("h2", { id: "delete-title" }, t("training.settings.delete.title")),
      h("p", {}, t("training.settings.delete.what")),
      h(
        "div",
        { class: "field" },
        h("label", { for: "delete-word" }, t("training.settings.delete.type", { word })),
        typed,
      ),
      h(
        "div",
        { class: "dialog-choices" },
        h("button", { class: "button", type: "button", onclick: () => dialog.close() }, t("common.cancel")),
        erase,
      ),
    ),
  );

  async function submit(event) {
    event.preventDefault();
    if (erase.disabled) return;
    erase.disabled = true;
    try {
      await api.del("users/me");
      dialog.close();
      await ondeleted();
      app.toast(t("training.settings.deleted"));
    } catch (problem) {
      erase.disabled = false;
      app.toast(problemText(problem), "bad");
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  typed.focus();
}
