// This session beside the earlier ones.

import { bandChart, comparable } from "../charts/bands.js";
import { h } from "../dom.js";
import { formatBand, formatDate, formatNumber, has, t } from "../i18n.js";
import { CRITERIA } from "./bands.js";

const SHARES = new Set([
  "mid_clause_pause_ratio",
  "basic_marker_share",
  "beyond_a1_share",
  "b2_plus_share",
  "unclear_share",
]);

/** The chart over sessions and what changed since the last one; null where this is the only session of its kind. */
export function comparisonSection({ session, analysis, sessions }) {
  const points = comparable(sessions);
  const { comparison } = analysis.result;
  const drawn = points.length > 1 && points.some((one) => one.id === session.id);
  if (!drawn && comparison === null) return null;
  return h(
    "section",
    { class: "stack", "aria-labelledby": "history" },
    h("h2", { id: "history" }, t("results.history")),
    drawn && bandChart(points, session.id),
    comparison && changes(comparison, analysis.findings),
  );
}

function changes(comparison, findings) {
  return h(
    "div",
    { class: "stack" },
    h(
      "h3",
      {},
      comparison.ended_at === null
        ? t("results.since_last")
        : t("results.since", { date: formatDate(comparison.ended_at) }),
    ),
    h(
      "ul",
      { class: "changes" },
      CRITERIA.map((name) => change(t(`results.criterion.${name}`), comparison.criteria[name])),
    ),
    moved("improved", comparison.measures.improved),
    moved("declined", comparison.measures.declined),
    mistakes(comparison.mistakes, findings),
  );
}

function change(name, { before, now, verdict }) {
  return h(
    "li",
    {},
    h("span", {}, name),
    h(
      "span",
      { class: "tabular" },
      verdict === "not_comparable" ? "–" : `${formatBand(before)} → ${formatBand(now)}`,
    ),
    h("span", { class: `verdict ${verdict}` }, t(`results.verdict.${verdict}`)),
  );
}

function moved(name, measures) {
  const told = measures.filter((one) => has(`results.measure.${one.measure}`));
  if (told.length === 0) return null;
  const shown = (measure, value) =>
    formatNumber(value, SHARES.has(measure) ? { style: "percent" } : { maximumFractionDigits: 1 });
  return h(
    "p",
    {},
    h("strong", {}, `${t(`results.${name}`)}: `),
    told
      .map(
        (one) =>
          `${t(`results.measure.${one.measure}`)} ${shown(one.measure, one.before)} → ${shown(one.measure, one.now)}`,
      )
      .join("; "),
  );
}

function mistakes(rules, findings) {
  const example = (rule) => findings.find((one) => one.rule_id === rule.rule_id);
  const told = (name) => {
    const known = rules[name].map(example).filter(Boolean);
    if (known.length === 0) return null;
    return h(
      "li",
      {},
      `${t(`results.mistakes.${name}`)}: `,
      known.map((one, n) => [
        n > 0 ? ", " : "",
        h("span", { lang: "en", dir: "auto" }, `${one.quote} → ${one.correction || t("results.left_out")}`),
      ]),
    );
  };
  const gone = rules.not_heard.length;
  const rows = [
    told("came_back"),
    told("still_heard"),
    gone > 0 ? h("li", {}, t("results.mistakes.not_heard", { count: gone })) : null,
  ];
  return rows.some(Boolean) ? h("ul", { class: "plain-list" }, rows) : null;
}
