// What to practise today, and what was practised lately.

import { api } from "../api.js";
import { h, icon, replace } from "../dom.js";
import { keepChoice, keptChoice, MODES } from "../exam/choice.js";
import { formatBand, formatDate, has, t } from "../i18n.js";
import * as session from "../session.js";
import { problemText } from "../ui/problem_text.js";

const SHOWN = 5;

export async function draw(app) {
  const chosen = keptChoice();
  const practice = practiceChoice(chosen);
  const modes = MODES.map((mode) =>
    h(
      "label",
      { class: "choice" },
      h("input", {
        type: "radio",
        name: "mode",
        value: mode,
        checked: mode === chosen.mode,
        onchange: drawOptions,
      }),
      h(
        "span",
        { class: "choice-name" },
        t(`exam.mode.${mode}.name`),
        h("span", { class: "choice-text" }, t(`exam.mode.${mode}.text`)),
      ),
      h("span", { class: "choice-aside" }, t(`exam.mode.${mode}.time`)),
    ),
  );
  const options = h("div", { class: "options" });

  function drawOptions() {
    chosen.mode = form.elements.mode.value;
    replace(options, chosen.mode === "practice" ? practice.element : null);
    if (chosen.mode === "practice") void practice.load();
  }

  const form = h(
    "form",
    { class: "stack-l", onsubmit: go },
    h(
      "fieldset",
      { class: "choices" },
      h("legend", { class: "visually-hidden" }, t("exam.choose.title")),
      modes,
    ),
    options,
    h(
      "div",
      { class: "row" },
      h(
        "button",
        { class: "button primary large", type: "submit" },
        t("exam.choose.go"),
        icon("arrow-right"),
      ),
      app.config.sign_in.kind === "development" &&
        h(
          "button",
          { class: "button plain", type: "button", onclick: (event) => watch(event.currentTarget, app) },
          t("exam.choose.sample"),
        ),
    ),
  );

  function go(event) {
    event.preventDefault();
    keepChoice(
      chosen.mode === "practice" ? { mode: "practice", ...practice.chosen() } : { mode: chosen.mode },
    );
    app.navigate("#/check");
  }

  const earlier = h("section", { class: "stack" });
  void drawRecent(earlier);
  void import("../exam/unstored.js").then(({ forgetOld }) => forgetOld()).catch(() => undefined); // next time
  drawOptions();
  return h("div", { class: "stack-l narrow" }, h("h1", {}, t("exam.choose.title")), form, earlier);
}

function practiceChoice(chosen) {
  const part = select(
    "part",
    t("exam.practice.part"),
    [1, 2, 3].map((n) => [n, t(`exam.mode.part${n}.name`)]),
    chosen.part ?? 1,
  );
  const topic = select("topic", t("exam.practice.topic"), [["", t("exam.practice.any")]], "");
  let topics = null;

  function drawTopics() {
    const shown = (topics ?? []).filter((one) => one.parts.includes(Number(part.select.value)));
    replace(
      topic.select,
      h("option", { value: "" }, t("exam.practice.any")),
      shown.map((one) =>
        h("option", { value: one.id, selected: one.id === chosen.topic, lang: "en" }, one.name),
      ),
    );
  }

  part.select.addEventListener("change", drawTopics);
  return {
    element: h("div", { class: "fields" }, part.element, topic.element),
    chosen: () => ({
      part: Number(part.select.value),
      ...(topic.select.value ? { topic: topic.select.value } : {}),
    }),
    async load() {
      topics ??= (await api.get("topics").catch(() => ({ items: [] }))).items; // without them any topic can be had
      drawTopics();
    },
  };
}

function select(name, label, choices, value) {
  const element = h(
    "select",
    { id: `choose-${name}` },
    choices.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
  );
  return {
    select: element,
    element: h(
      "div",
      { class: "field" },
      h("label", { for: `choose-${name}` }, label),
      h("span", { class: "select wide" }, element, icon("chevron-down")),
    ),
  };
}

/** A synthesised learner sits a quick exam on the short clock, as a guest of its own. */
async function watch(button, app) {
  button.disabled = true;
  try {
    await session.becomeSample(t("exam.sample.name"));
    const sample = await api.post("sessions", { mode: "quick", clock: "short" });
    app.navigate(`#/sample/${sample.id}`);
  } catch (problem) {
    app.toast(problemText(problem), "bad");
    button.disabled = false;
  }
}

async function drawRecent(root) {
  let sessions;
  try {
    sessions = (await api.get(`sessions?limit=${SHOWN}`)).items.filter((one) => one.status !== "created");
  } catch (problem) {
    replace(root, h("p", { class: "notice" }, problemText(problem)));
    return;
  }
  if (sessions.length === 0) return;
  replace(
    root,
    h("h2", {}, t("exam.recent.title")),
    h(
      "ul",
      { class: "list" },
      sessions.map((one) => h("li", {}, row(one))),
    ),
  );
}

function row(one) {
  const live = one.status === "live";
  const mode = has(`exam.mode.${one.mode}.name`) ? t(`exam.mode.${one.mode}.name`) : one.mode;
  return h(
    "a",
    { class: "list-link", href: live ? `#/exam/${one.id}` : `#/results/${one.id}` },
    h("span", {}, mode),
    h(
      "span",
      { class: "muted small" },
      formatDate(one.created_at, { dateStyle: "medium", timeStyle: "short" }),
    ),
    h("span", { class: "end" }, live ? t("exam.recent.go_on") : band(one)),
  );
}

function band(one) {
  if (one.overall_band !== null) {
    return h(
      "span",
      { class: "band" },
      h("span", { class: "visually-hidden" }, `${t("exam.recent.band")} `),
      formatBand(one.overall_band),
    );
  }
  const pending = one.analysis_status !== null && !["done", "failed"].includes(one.analysis_status);
  return h("span", { class: "muted small" }, pending ? t("exam.recent.pending") : "–");
}
