// How the analysis was made, and what it could not see.

import { h } from "../dom.js";
import { has, t } from "../i18n.js";

/** A folded section on method and limits. */
export function conditionsSection({ analysis }) {
  const { conditions, method_version: method } = analysis.result;
  const missing = conditions.unavailable.map((one) => `results.unavailable.${one.what}`).filter(has);
  const skipped = conditions.answers - conditions.rated_answers;
  return h(
    "details",
    { class: "conditions" },
    h("summary", {}, t("results.method")),
    h(
      "div",
      { class: "stack prose" },
      h("p", {}, t("results.method.bands")),
      h("p", {}, t("results.method.errors")),
      missing.map((key) => h("p", {}, t(key))),
      skipped > 0 && h("p", {}, t("results.method.skipped", { count: skipped })),
      conditions.rules_switched_off.length > 0 &&
        h("p", {}, t("results.method.rules_off", { count: conditions.rules_switched_off.length })),
      h("p", { class: "small muted" }, t("results.method.version", { method })),
    ),
  );
}
