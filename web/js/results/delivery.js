// Pronunciation and fluency: figures, the timeline, words that were hard to recognise, sound habits.

import { h } from "../dom.js";
import { formatNumber, has, t } from "../i18n.js";
import { explained } from "./explanations.js";
import { quote } from "./quote.js";
import { timeline } from "./timeline.js";

const GUESSED = 12;
const EXAMPLES = 4;
const DIGITS = { maximumFractionDigits: 1 };

/** The whole section; what could not be measured is said, not left out. */
export function deliverySection(given) {
  const { measures, pronunciation } = given.analysis.result;
  return h(
    "section",
    { class: "stack-l", "aria-labelledby": "delivery" },
    h("h2", { id: "delivery" }, t("results.delivery")),
    figures(measures.whole, pronunciation.scores),
    scoreNote(pronunciation.scores),
    timeline(given),
    guessedWords(pronunciation.intelligibility.guessed_words, given),
    habits([...pronunciation.scores.sound_patterns, ...pronunciation.patterns], given),
  );
}

function figures(whole, scores) {
  const shown = [
    ["speech_rate_wpm", whole.speech_rate_wpm, { maximumFractionDigits: 0 }],
    ["mean_length_run", whole.mean_length_run, DIGITS],
    ["pause_mean_ms", whole.pause_mean_ms === null ? null : whole.pause_mean_ms / 1000, DIGITS],
    ["long_pause_count", whole.long_pause_count, { maximumFractionDigits: 0 }],
    ["filled_pauses", whole.filled_pauses, { maximumFractionDigits: 0 }],
    ["unclear_share", whole.unclear_share, { style: "percent", maximumFractionDigits: 0 }],
    ["accuracy_score", scores.accuracy_score, { maximumFractionDigits: 0 }],
    ["prosody_score", scores.prosody_score, { maximumFractionDigits: 0 }],
  ].filter(([, value]) => typeof value === "number");
  if (shown.length === 0) return h("p", { class: "muted" }, t("results.delivery.none"));
  return h(
    "dl",
    { class: "figures" },
    shown.map(([name, value, options]) =>
      h(
        "div",
        {},
        h("dt", {}, t(`results.figure.${name}`)),
        h("dd", { class: "tabular" }, formatNumber(value, options)),
      ),
    ),
  );
}

function scoreNote({ status, reason }) {
  if (status === "ok") return null;
  const why = has(`results.scores.reason.${reason}`) ? t(`results.scores.reason.${reason}`) : "";
  return h("p", { class: "notice" }, [t(`results.scores.${status}`), why].join(" ").trim());
}

function guessedWords(words, { player }) {
  if (words.length === 0) return null;
  return h(
    "div",
    { class: "stack" },
    h("h3", {}, t("results.guessed")),
    h("p", { class: "small muted" }, t("results.guessed.note")),
    h(
      "div",
      { class: "quotes" },
      words.slice(0, GUESSED).map((one) => quote({ ...one, quote: one.word }, player)),
    ),
  );
}

function habits(patterns, { player, language }) {
  if (patterns.length === 0) return null;
  return h(
    "div",
    { class: "stack" },
    h("h3", {}, t("results.habits")),
    h(
      "ul",
      { class: "evidence-list" },
      patterns.map((one) =>
        h(
          "li",
          {},
          h(
            "p",
            {},
            h("strong", { lang: "en" }, one.name),
            " ",
            h(
              "span",
              { class: "small muted" },
              t("results.habits.times", { count: one.count, of: one.opportunities }),
            ),
            one.possible ? h("span", { class: "small muted" }, ` · ${t("results.habits.possible")}`) : null,
          ),
          explained("p", { class: "prose" }, one.explanation, one.explanation_uz, language),
          explained("p", { class: "prose muted" }, one.drill_hint, one.drill_hint_uz, language),
          h(
            "div",
            { class: "quotes" },
            one.examples.slice(0, EXAMPLES).map((place) => quote({ ...place, quote: place.word }, player)),
          ),
        ),
      ),
    ),
  );
}
