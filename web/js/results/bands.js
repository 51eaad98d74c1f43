// The Speaking band and the four criteria, each with what it rests on.

import { bandScale } from "../charts/scale.js";
import { h, icon } from "../dom.js";
import { formatBand, t } from "../i18n.js";
import { decisive } from "./evidence.js";
import { explained } from "./explanations.js";
import { quote } from "./quote.js";

export const CRITERIA = [
  "fluency_coherence",
  "lexical_resource",
  "grammatical_range_accuracy",
  "pronunciation",
];

const range = (low, high) => t("results.range", { low: formatBand(low), high: formatBand(high) });

/** The overall band; a range alone, or a calm word, where there was too little speech for one. */
export function overallSection({ analysis }) {
  const { band, band_low: low, band_high: high } = analysis.result.overall;
  const known = low !== null && high !== null;
  return h(
    "section",
    { class: "overall card", "aria-labelledby": "overall" },
    h(
      "div",
      { class: "overall-figures" },
      h("h2", { id: "overall", class: "overall-title" }, t("results.overall")),
      h(
        "p",
        { class: "overall-band" },
        band === null
          ? h("span", { class: "overall-none" }, t("results.no_band"))
          : h("span", { class: "overall-number" }, formatBand(band)),
        known && h("span", { class: "overall-range" }, range(low, high)),
      ),
      (known || band !== null) && bandScale({ band, low, high, numbered: true }),
    ),
    h(
      "div",
      { class: "overall-words stack" },
      band === null && h("p", {}, t("results.no_band.why")),
      h("p", { class: "muted" }, t("results.honesty")),
    ),
  );
}

/** The four criteria, each to be opened. */
export function criteriaSection(given) {
  return h(
    "section",
    { class: "stack", "aria-labelledby": "criteria" },
    h("h2", { id: "criteria" }, t("results.criteria")),
    h(
      "div",
      { class: "criteria" },
      CRITERIA.map((name) => criterion(name, given.analysis.result.criteria[name], given)),
    ),
  );
}

function criterion(name, scored, given) {
  const [low, high] = scored.interval ?? [null, null];
  return h(
    "details",
    { class: "criterion", dataset: { criterion: name } },
    h(
      "summary",
      {},
      h("span", { class: "criterion-name" }, t(`results.criterion.${name}`)),
      h(
        "span",
        { class: "criterion-figures" },
        bandScale({ band: scored.band, low, high }),
        h(
          "span",
          { class: "criterion-range small muted" },
          low === null ? t("results.no_range") : range(low, high),
        ),
        h("span", { class: "band" }, formatBand(scored.band)),
      ),
      icon("chevron-down"),
    ),
    h(
      "div",
      { class: "criterion-body" },
      scored.reason !== null && h("p", { class: "notice" }, t(`results.reason.${scored.reason}`)),
      explained("p", { class: "prose" }, scored.explanation, scored.explanation_uz, given.language),
      side("carries", decisive(scored.features, true), given),
      side("holds_back", decisive(scored.features, false), given),
      raises(scored.would_raise, given),
      ledger(scored.features, given),
    ),
  );
}

function side(name, chosen, { player, language }) {
  if (chosen.length === 0) return null;
  return h(
    "div",
    { class: "evidence" },
    h("h3", {}, t(`results.${name}`)),
    h(
      "ul",
      { class: "evidence-list" },
      chosen.map(({ feature, quotes }) =>
        h(
          "li",
          {},
          h(
            "p",
            {},
            feature.state === "partly" && h("span", { class: "muted" }, `${t("results.state.partly")}: `),
            explained("span", {}, feature.text, feature.text_uz, language),
          ),
          h(
            "div",
            { class: "quotes" },
            quotes.map((one) => quote(one, player)),
          ),
        ),
      ),
    ),
  );
}

function raises(ways, { player, language }) {
  if (ways.length === 0) return null;
  return h(
    "div",
    { class: "evidence raise" },
    h("h3", {}, t("results.would_raise")),
    h(
      "ul",
      { class: "evidence-list" },
      ways.map((way) =>
        h(
          "li",
          {},
          explained("p", {}, way.text, way.text_uz, language),
          way.evidence.length > 0 &&
            h(
              "div",
              { class: "quotes" },
              way.evidence.map((one) => quote(one, player)),
            ),
        ),
      ),
    ),
  );
}

function ledger(features, { language }) {
  if (features.length === 0) return null;
  return h(
    "details",
    { class: "ledger" },
    h("summary", {}, t("results.ledger")),
    h("p", { class: "small muted" }, t("results.ledger.note")),
    h(
      "ul",
      { class: "ledger-list" },
      features.map((one) =>
        h(
          "li",
          {},
          explained("span", {}, one.text, one.text_uz, language),
          h("span", { class: `state ${one.state}` }, t(`results.state.${one.state}`)),
        ),
      ),
    ),
  );
}
