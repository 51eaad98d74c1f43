// Form fields with their labels.

import { h, icon } from "../dom.js";

/** A field named `label` around an input or what `selected` gives; `hint` stands below it. */
export function field(id, label, input, hint = null) {
  const control = input.matches("input") ? input : input.querySelector("select");
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    input,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
  );
}

/** A choice of `[value, name]` pairs. */
export function selected(id, pairs, value) {
  return h(
    "span",
    { class: "select wide" },
    h(
      "select",
      { id },
      pairs.map(([one, name]) => h("option", { value: one, selected: one === value }, name)),
    ),
    icon("chevron-down"),
  );
}
