// What to do next, what went well, what an examiner would notice.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { explained } from "./explanations.js";
import { quote } from "./quote.js";

const MAX_QUOTES = 3;

function quotes(evidence, player) {
  if (evidence.length === 0) return null;
  return h(
    "div",
    { class: "quotes" },
    evidence.slice(0, MAX_QUOTES).map((one) => quote(one, player)),
  );
}

/** Up to three exercises made from this learner's own answers. */
export function nextSteps({ analysis, player, language }) {
  const steps = analysis.result.next_steps;
  if (steps.length === 0) return null;
  return h(
    "section",
    { class: "stack", "aria-labelledby": "next-steps" },
    h("h2", { id: "next-steps" }, t("results.next_steps")),
    h(
      "ol",
      { class: "steps-list" },
      steps.map((step) =>
        h(
          "li",
          {},
          h("p", { class: "small muted" }, t(`results.criterion.${step.criterion}`)),
          explained("p", { class: "prose" }, step.text, step.text_uz, language),
          quotes(step.evidence, player),
        ),
      ),
    ),
    h("div", {}, h("a", { class: "button", href: "#/training" }, t("results.to_training"))),
  );
}

/** What went well and what an examiner would notice; nothing where there is neither. */
export function observations({ analysis, player, language }) {
  const { strengths, flags } = analysis.result;
  if (strengths.length === 0 && flags.length === 0) return null;
  return h(
    "section",
    { class: "pair" },
    strengths.length > 0 &&
      h(
        "div",
        { class: "stack" },
        h("h2", {}, t("results.strengths")),
        h(
          "ul",
          { class: "evidence-list" },
          strengths.map((one) =>
            h(
              "li",
              {},
              explained("p", { class: "sentence" }, one.text, one.text_uz, language),
              quotes(one.evidence, player),
            ),
          ),
        ),
      ),
    flags.length > 0 &&
      h(
        "div",
        { class: "stack" },
        h("h2", {}, t("results.flags")),
        h("p", { class: "small muted" }, t("results.flags.note")),
        h(
          "ul",
          { class: "evidence-list" },
          flags.map((one) =>
            h("li", {}, explained("p", {}, one.text, one.text_uz, language), quotes(one.evidence, player)),
          ),
        ),
      ),
  );
}
