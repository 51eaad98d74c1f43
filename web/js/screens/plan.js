// The week's plan: seven days with their drills, and a practice exam where one is due.

import { api } from "../api.js";
import { h, icon, replace, stylesheet } from "../dom.js";
import { keepChoice } from "../exam/choice.js";
import * as i18n from "../i18n.js";
import { formatDate, formatNumber, t } from "../i18n.js";
import { CRITERIA } from "../results/bands.js";
import { readOr } from "../training/reading.js";

export async function show(root, _params, app) {
  await Promise.all([i18n.use("training", "results", "exam"), ...["results", "training"].map(stylesheet)]);
  const read = await readOr(root, app, () =>
    Promise.all([api.get("training/plan"), api.get("training/tasks?limit=1")]),
  );
  if (read === null) return () => undefined;
  const [plan, { day: today }] = read;
  const planned = plan.days.reduce((sum, day) => sum + day.tasks.length, 0);
  replace(
    root,
    h(
      "div",
      { class: "plan stack-l narrow" },
      h(
        "header",
        { class: "stack" },
        h("h1", {}, t("training.plan")),
        h("p", { class: "lead" }, t(planned > 0 ? "training.plan.text" : "training.plan.empty")),
        aims(plan),
      ),
      h(
        "ol",
        { class: "days" },
        plan.days.map((day) => dayItem(day, today)),
      ),
      planned > 0 && shares(plan.shares),
    ),
  );
  return () => undefined;
}

function aims({ target_band: aim, exam_date: exam, missed }) {
  const said = [
    aim !== null && t("training.plan.aim", { band: aim.toFixed(1) }),
    exam !== null && t("training.plan.exam", { date: formatDate(exam, { dateStyle: "long" }) }),
  ].filter(Boolean);
  return h(
    "div",
    { class: "stack small muted" },
    h(
      "p",
      {},
      said.length > 0 ? said.join(" · ") : t("training.plan.no_aim"),
      " ",
      h("a", { href: "#/settings" }, t("training.plan.change")),
    ),
    missed.length > 0 && h("p", {}, t("training.plan.missed", { count: missed.length })),
  );
}

function dayItem(day, today) {
  const isToday = day.day === today;
  const name = formatDate(day.day, { weekday: "long", day: "numeric", month: "long" });
  return h(
    "li",
    { class: isToday ? "day today" : "day", "aria-current": isToday ? "date" : null },
    h(
      "div",
      { class: "day-head" },
      h("h2", {}, name),
      isToday && h("span", { class: "small accent" }, t("training.plan.today")),
      h("span", { class: "small muted" }, summary(day)),
    ),
    day.tasks.length > 0 &&
      h(
        "ul",
        { class: "day-tasks" },
        grouped(day.tasks).map(([title, types]) =>
          h(
            "li",
            {},
            h("span", { lang: "en", dir: "auto" }, title),
            h("span", { class: "small muted" }, types.map((type) => t(`training.drill.${type}`)).join(", ")),
          ),
        ),
      ),
    day.exam && h("p", { class: "day-exam" }, icon("mic"), t(`training.plan.sit.${day.exam}`)),
    day.talk && talk(day.talk),
    isToday &&
      h(
        "div",
        { class: "row" },
        day.tasks.length > day.finished &&
          h("a", { class: "button primary", href: "#/training" }, t("training.plan.begin")),
        (day.exam || day.talk) && session(day.exam ?? day.talk.mode),
      ),
  );
}

function talk({ mode, criterion }) {
  return h(
    "p",
    { class: "day-exam" },
    icon("mic"),
    t(`exam.mode.${mode}.name`),
    h("span", { class: "small muted" }, t(`results.criterion.${criterion}`)),
  );
}

/** To where sessions begin, with this one chosen. */
function session(mode) {
  return h("a", { class: "button", href: "#/", onclick: () => keepChoice({ mode }) }, t("training.to_exam"));
}

function grouped(tasks) {
  const byTitle = new Map();
  for (const { title, type } of tasks) byTitle.set(title, [...(byTitle.get(title) ?? []), type]);
  return [...byTitle].map(([title, types]) => [title, [...new Set(types)]]);
}

function summary(day) {
  if (day.tasks.length === 0) return day.exam || day.talk ? "" : t("training.plan.free");
  const drills = t("training.plan.drills", { count: day.tasks.length });
  const minutes = t("training.plan.minutes", { count: day.minutes });
  const finished = day.finished > 0 ? [t("training.plan.finished", { count: day.finished })] : [];
  return [drills, minutes, ...finished].join(" · ");
}

function shares(shared) {
  return h(
    "section",
    { class: "stack", "aria-labelledby": "shares" },
    h("h2", { id: "shares" }, t("training.plan.shares")),
    h("p", { class: "small muted" }, t("training.plan.shares.note")),
    h(
      "dl",
      { class: "shares" },
      CRITERIA.filter((name) => name in shared).map((name) =>
        h(
          "div",
          {},
          h("dt", {}, t(`results.criterion.${name}`)),
          h(
            "dd",
            { class: "tabular" },
            formatNumber(shared[name], { style: "percent", maximumFractionDigits: 0 }),
          ),
          h("span", {
            class: "share-bar",
            style: { "--share": String(shared[name]) },
            "aria-hidden": "true",
          }),
        ),
      ),
    ),
  );
}
