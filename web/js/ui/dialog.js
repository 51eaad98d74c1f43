// A question that has to be answered before anything else: the browser's own dialog, which keeps the focus.

import { h } from "../dom.js";

/** Ask; resolves to the value of the button that was pressed, or null when the dialog was left with Escape. */
export function ask({ title, text, choices }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      {
        class: "dialog",
        "aria-labelledby": "dialog-title",
        onclose: () => (dialog.remove(), resolve(dialog.answer ?? null)),
      },
      h("h2", { id: "dialog-title" }, title),
      h("p", { class: "muted" }, text),
      h(
        "div",
        { class: "dialog-choices" },
        choices.map((choice) =>
          h(
            "button",
            {
              class: `button ${choice.kind ?? ""}`,
              type: "button",
              autofocus: choice.focus,
              onclick: () => {
                dialog.answer = choice.value;
                dialog.close();
              },
            },
            choice.label,
          ),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
