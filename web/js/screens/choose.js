// What to practise today, and what was practised lately.

import { api } from "../api.js";
import { h } from "../dom.js";
import { formatBand, formatDate, t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";

const SHOWN = 5;

export async function draw() {
  return h("div", { class: "stack-l narrow" }, h("h1", {}, t("exam.choose.title")), await recent());
}

async function recent() {
  let sessions;
  try {
    sessions = (await api.get(`sessions?limit=${SHOWN}`)).items;
  } catch (problem) {
    return h("p", { class: "notice" }, problemText(problem));
  }
  if (sessions.length === 0) return h("p", { class: "muted" }, t("exam.recent.none"));
  return h(
    "section",
    { class: "stack" },
    h("h2", {}, t("exam.recent.title")),
    h(
      "ul",
      { class: "list" },
      sessions.map((session) => h("li", {}, row(session))),
    ),
  );
}

function row(session) {
  return h(
    "div",
    { class: "list-link" },
    h("span", {}, t(`exam.mode.${session.mode}.name`)),
    h("span", { class: "muted small" }, formatDate(session.created_at, { dateStyle: "medium", timeStyle: "short" })),
    h("span", { class: "end band" }, formatBand(session.overall_band)),
  );
}
