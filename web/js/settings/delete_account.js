// Deleting the account: only after a word was typed, because it cannot be undone.

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";
import { receiptList } from "./receipt.js";

/** The button, and the question behind it; `ondeleted()` is awaited once everything is erased, before the receipt. */
export function deleteAccount(app, ondeleted) {
  return h(
    "div",
    {},
    h(
      "button",
      { class: "button danger", type: "button", onclick: () => confirm(app, ondeleted) },
      t("settings.delete.button"),
    ),
  );
}

function confirm(app, ondeleted) {
  const word = t("settings.delete.word");
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
    t("settings.delete.now"),
  );
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "delete-title", onclose: () => dialog.remove() },
    h(
      "form",
      { class: "stack", onsubmit: (event) => void submit(event) },
      h("h2", { id: "delete-title" }, t("settings.delete.title")),
      h("p", {}, t("settings.delete.what")),
      h(
        "div",
        { class: "field" },
        h("label", { for: "delete-word" }, t("settings.delete.type", { word })),
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
      const receipt = await api.del("users/me");
      await ondeleted();
      replace(dialog, receiptPage(receipt, dialog));
      dialog.querySelector("h2").focus();
    } catch (problem) {
      erase.disabled = false;
      app.toast(problemText(problem), "bad");
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  typed.focus();
}

function receiptPage(receipt, dialog) {
  return h(
    "div",
    { class: "stack" },
    h("h2", { id: "delete-title", tabindex: "-1" }, t("settings.receipt.title")),
    h("p", {}, t("settings.receipt.text")),
    receiptList(receipt),
    h(
      "div",
      { class: "dialog-choices" },
      h(
        "button",
        { class: "button primary", type: "button", onclick: () => dialog.close() },
        t("settings.receipt.close"),
      ),
    ),
  );
}
