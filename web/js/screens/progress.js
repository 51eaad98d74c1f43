// How far the learner is: bands over exams, and every rule, sound and skill in training.

import { api } from "../api.js";
import { bandChart, comparable } from "../charts/bands.js";
import { h, replace, stylesheet } from "../dom.js";
import * as i18n from "../i18n.js";
import { formatNumber, t } from "../i18n.js";
import { readOr } from "../training/reading.js";

const SESSIONS = 50;
const FIRST = 12;

export async function show(root, _params, app) {
  await Promise.all([i18n.use("training", "results"), ...["results", "charts", "training"].map(stylesheet)]);
  const read = await readOr(root, app, () =>
    Promise.all([api.get("training/progress"), api.get(`sessions?limit=${SESSIONS}`)]),
  );
  if (read === null) return () => undefined;
  const [progress, { items }] = read;
  replace(
    root,
    h(
      "div",
      { class: "progress stack-l narrow" },
      h("header", { class: "stack" }, h("h1", {}, t("training.progress")), streak(progress)),
      bands(items),
      criteria(progress.criteria),
      rules(progress.rules, progress.window_days),
      retention(progress.retention),
    ),
  );
  return () => undefined;
}

function streak({ streak_days: now, longest_streak_days: longest }) {
  if (longest === 0) return h("p", { class: "lead" }, t("training.progress.none"));
  return h(
    "p",
    { class: "lead" },
    [t("training.streak", { count: now }), t("training.streak.longest", { count: longest })].join(" "),
  );
}

function bands(items) {
  const points = comparable(items);
  return h(
    "section",
    { class: "stack", "aria-labelledby": "bands" },
    h("h2", { id: "bands" }, t("training.progress.bands")),
    points.length > 1
      ? bandChart(points)
      : h(
          "p",
          { class: "muted" },
          t(points.length === 1 ? "training.progress.one_exam" : "training.progress.no_exam"),
        ),
  );
}

function criteria(counts) {
  const shown = counts.filter((one) => one.cards > 0);
  if (shown.length === 0) return null;
  return h(
    "section",
    { class: "stack", "aria-labelledby": "cards" },
    h("h2", { id: "cards" }, t("training.progress.cards")),
    h("p", { class: "small muted" }, t("training.progress.cards.note")),
    h(
      "ul",
      { class: "counts" },
      shown.map((one) =>
        h(
          "li",
          {},
          h("span", {}, t(`results.criterion.${one.criterion}`)),
          h(
            "span",
            { class: "small muted" },
            t("training.progress.fixed", { fixed: String(one.fixed), cards: String(one.cards) }),
          ),
          h("span", {
            class: "share-bar",
            style: { "--share": String(one.fixed / one.cards) },
            "aria-hidden": "true",
          }),
          one.relapsed > 0 &&
            h("span", { class: "small caution" }, t("training.progress.relapsed", { count: one.relapsed })),
        ),
      ),
    ),
  );
}

function rules(standing, windowDays) {
  if (standing.length === 0) return null;
  const row = (one) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", lang: "en", dir: "auto" }, one.title),
      h("td", {}, t(`training.state.${one.state}`)),
      h(
        "td",
        {},
        one.required > 0
          ? t("training.of", { correct: String(one.correct), required: String(one.required) })
          : "–",
      ),
      h("td", {}, one.kind === "skill" ? "–" : one.errors),
    );
  const table = (rows, label) =>
    h(
      "div",
      { class: "table-wrap", tabindex: "0", role: "region", "aria-label": label },
      h(
        "table",
        { class: "rules" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["what", "state", "drills", "exams"].map((name) =>
              h("th", { scope: "col" }, t(`training.progress.column.${name}`)),
            ),
          ),
        ),
        h("tbody", {}, rows.map(row)),
      ),
    );
  return h(
    "section",
    { class: "stack", "aria-labelledby": "rules" },
    h("h2", { id: "rules" }, t("training.progress.rules")),
    h("p", { class: "small muted" }, t("training.progress.rules.note", { days: String(windowDays) })),
    table(standing.slice(0, FIRST), t("training.progress.rules")),
    standing.length > FIRST &&
      h(
        "details",
        { class: "figure-table" },
        h("summary", {}, t("training.progress.rest", { count: standing.length - FIRST })),
        table(standing.slice(FIRST), t("training.progress.rest", { count: standing.length - FIRST })),
      ),
  );
}

function retention({ reviews, actual, predicted, verdict }) {
  if (actual === null || predicted === null) return null;
  const percent = (share) => formatNumber(share, { style: "percent", maximumFractionDigits: 0 });
  return h(
    "section",
    { class: "stack", "aria-labelledby": "retention" },
    h("h2", { id: "retention" }, t("training.retention")),
    h(
      "p",
      {},
      t("training.retention.text", {
        reviews: String(reviews),
        actual: percent(actual),
        predicted: percent(predicted),
      }),
    ),
    verdict !== null && h("p", { class: "muted" }, t(`training.retention.${verdict}`)),
  );
}
