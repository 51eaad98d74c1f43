// How an answer was judged: in words first, then what it rests on, then what one can say against it.

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { formatDate, formatNumber, has, t } from "../i18n.js";
import { explained } from "../results/explanations.js";
import { problemText } from "../ui/problem_text.js";

const PASSED = 3;
const CLEAR = 80;
const GRADES = [5, 4, 3, 2, 1, 0];

/**
 * The panel of an answer judged on the learner's day `today`; `onnext()` goes on, `onundone()` is told that the answer
 * was taken back.
 */
export function outcomePanel(judged, { today, language, app, onnext, onundone }) {
  const root = h("section", { class: "card outcome stack", "aria-labelledby": "outcome" });
  draw(judged);
  return root;

  function draw(shown) {
    const good = shown.grade >= PASSED;
    replace(
      root,
      h("h2", { id: "outcome", tabindex: "-1", class: good ? "good" : "again" }, reason(shown)),
      evidence(shown, language),
      h("p", { class: "muted" }, comesBack(shown.next_due, today)),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button primary", type: "button", onclick: onnext }, t("training.next")),
        h(
          "button",
          { class: "button plain", type: "button", onclick: () => void undo(shown) },
          t("training.undo"),
        ),
      ),
      ownGrade(shown),
    );
  }

  async function undo(shown) {
    try {
      await api.post(`training/attempts/${shown.attempt_id}/undo`);
      onundone();
    } catch (problem) {
      app.toast(problemText(problem), "bad");
    }
  }

  function ownGrade(shown) {
    const select = h(
      "select",
      { id: "own-grade", class: "input" },
      GRADES.map((grade) =>
        h("option", { value: grade, selected: grade === shown.grade }, t(`training.grade.${grade}`)),
      ),
    );
    return h(
      "details",
      { class: "own-grade" },
      h("summary", {}, t("training.own_grade")),
      h(
        "form",
        {
          class: "row",
          onsubmit: (event) => {
            event.preventDefault();
            void regrade(shown, Number(select.value));
          },
        },
        h("label", { for: "own-grade" }, t("training.own_grade.label")),
        select,
        h("button", { class: "button", type: "submit" }, t("training.own_grade.save")),
      ),
    );
  }

  async function regrade(shown, grade) {
    try {
      draw(await api.put(`training/attempts/${shown.attempt_id}/grade`, { grade }));
      root.querySelector("h2").focus();
      app.toast(t("training.own_grade.saved"));
    } catch (problem) {
      app.toast(problemText(problem), "bad");
    }
  }
}

function comesBack(day, today) {
  if (day === today) return t("training.next_today");
  return t("training.next_due", { date: formatDate(day, { dateStyle: "long" }) });
}

function reason(judged) {
  if (judged.overridden) return t(`training.grade.${judged.grade}`);
  return t(
    has(`training.reason.${judged.reason}`)
      ? `training.reason.${judged.reason}`
      : `training.grade.${judged.grade}`,
  );
}

function evidence(judged, language) {
  return h(
    "div",
    { class: "stack" },
    judged.understood &&
      h(
        "p",
        {},
        h("span", { class: "muted" }, `${t("training.understood")} `),
        h("q", { lang: "en", dir: "auto" }, judged.understood),
      ),
    judged.better &&
      judged.better !== judged.understood &&
      h(
        "p",
        {},
        h("span", { class: "muted" }, `${t("training.better")} `),
        h("ins", { lang: "en" }, judged.better),
      ),
    judged.words.length > 0 && words(judged.words),
    judged.findings.length > 0 && corrections(judged.findings, language),
    judged.not_judged
      .filter((what) => has(`training.not_judged.${what}`))
      .map((what) => h("p", { class: "small muted" }, t(`training.not_judged.${what}`))),
  );
}

function words(scored) {
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "small muted" }, t("training.words")),
    h(
      "ul",
      { class: "word-scores" },
      scored.map((one) =>
        h(
          "li",
          { class: one.accuracy_score >= CLEAR ? "clear" : "unclear" },
          h("span", { lang: "en" }, one.word),
          h(
            "span",
            { class: "small tabular" },
            formatNumber(one.accuracy_score, { maximumFractionDigits: 0 }),
          ),
          one.sounds.map(([expected, heard]) =>
            h(
              "span",
              { class: "small muted" },
              heard ? `/${expected}/ → /${heard}/` : t("training.sound_missing", { sound: expected }),
            ),
          ),
        ),
      ),
    ),
  );
}

function corrections(findings, language) {
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "small muted" }, t("training.also")),
    h(
      "ul",
      { class: "evidence-list" },
      findings.map((one) =>
        h(
          "li",
          {},
          h(
            "p",
            { lang: "en" },
            h("del", {}, one.quote),
            " → ",
            h("ins", {}, one.correction || t("results.left_out")),
          ),
          explained("p", { class: "small muted" }, one.explanation, one.explanation_uz, language),
        ),
      ),
    ),
  );
}
