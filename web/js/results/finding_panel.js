// One finding, explained: what was said, what would be right, why, who says so, and how to disagree.

import { api } from "../api.js";
import { h, icon, replace } from "../dom.js";
import { t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";
import { explained } from "./explanations.js";
import { listenButton } from "./quote.js";

const CERTAIN = 0.85;
const LIKELY = 0.65;

/** How sure a finding is, in plain words. */
export const sureness = (confidence) =>
  t(`results.sure.${confidence >= CERTAIN ? "certain" : confidence >= LIKELY ? "likely" : "perhaps"}`);

/**
 * The panel of a finding. Disputing it changes `finding.verdict` once the server has it, and `onverdict(finding)` is
 * told.
 */
export function findingPanel(finding, { player, language, app, onverdict }) {
  const verdict = h("div", { class: "finding-verdict" });
  drawVerdict(verdict, finding, app, onverdict);
  return h(
    "div",
    { class: "finding" },
    h(
      "p",
      { class: "finding-change", lang: "en" },
      h("span", { class: "visually-hidden" }, `${t("results.you_said")}: `),
      h("del", { dir: "auto" }, finding.quote),
      " ",
      icon("arrow-right"),
      " ",
      h("span", { class: "visually-hidden" }, `${t("results.better")}: `),
      h("ins", { dir: "auto" }, finding.correction || t("results.left_out")),
      " ",
      listenButton(
        finding.start_ms,
        finding.end_ms,
        player,
        t("results.listen_to", { quote: finding.quote }),
      ),
    ),
    explained("p", { class: "prose" }, finding.explanation, finding.explanation_uz, language),
    h(
      "p",
      { class: "small muted" },
      [t(`results.source.${finding.source.replace("+", "_")}`), sureness(finding.confidence)].join(" · "),
    ),
    verdict,
  );
}

function drawVerdict(root, finding, app, onverdict) {
  const disputed = finding.verdict === "wrong";
  const button = h(
    "button",
    {
      class: "button plain",
      type: "button",
      onclick: () => void say(disputed ? "right" : "wrong"),
    },
    t(disputed ? "results.dispute.undo" : "results.dispute"),
  );
  replace(root, disputed && h("p", { role: "status" }, t("results.disputed")), button);

  async function say(verdict) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const given = await api.post("feedback", { finding_id: finding.id, verdict });
      finding.verdict = given.verdict;
      drawVerdict(root, finding, app, onverdict);
      root.querySelector("button").focus();
      onverdict(finding);
    } catch (problem) {
      button.removeAttribute("aria-busy");
      app.toast(problemText(problem), "bad");
    }
  }
}
