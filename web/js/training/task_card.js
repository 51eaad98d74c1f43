// A drill: what it is about, what to do, and the ways to answer.

import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { explained } from "../results/explanations.js";
import { recorder } from "./recorder.js";

const SENTENCE_S = 28;
const TALK_S = 148;
const MOST_CHARACTERS = 5_000;

/** How long an answer may be recorded, in seconds: what the drill says, or a little under what the server takes. */
const longest = (task) => task.seconds ?? (task.min_words > 0 ? TALK_S : SENTENCE_S);

/**
 * The card of a task. `onanswer({text, recording, elapsedMs})` is given the answer, `onskip()` that it is put off,
 * `ontype(type)` that another drill is wanted.
 */
export function taskCard(task, { language, signal, onanswer, onskip, ontype }) {
  const shownAt = performance.now();
  const elapsedMs = () => Math.round(performance.now() - shownAt);
  const spoken = (recording) => onanswer({ text: null, recording, elapsedMs: null });
  const written = (text) => onanswer({ text, recording: null, elapsedMs: elapsedMs() });
  return h(
    "article",
    { class: "card task", "aria-labelledby": "task-title", dataset: { type: task.type } },
    h(
      "header",
      { class: "task-head" },
      h("h2", { id: "task-title", tabindex: "-1" }, t(`training.drill.${task.type}`)),
      task.kind !== "rule" && title(task),
      task.state === "relapsed" && h("p", { class: "small muted" }, t("training.relapsed")),
    ),
    explained("p", { class: "prose" }, task.instruction, task.instruction_uz, language),
    about(task),
    task.hint && h("p", { class: "small muted", lang: "en" }, t("training.hint"), " ", task.hint),
    h(
      "div",
      { class: "answering" },
      recorder({ maxS: longest(task), signal, onrecorded: spoken }),
      task.answer === "voice_or_text" && writing(task, written),
    ),
    h(
      "details",
      { class: "task-why" },
      h("summary", {}, t(task.kind === "rule" ? "training.rule" : "training.why")),
      task.kind === "rule" && title(task),
      explained("p", { class: "prose" }, task.explanation, task.explanation_uz, language),
    ),
    h(
      "footer",
      { class: "task-foot" },
      task.types.length > 1 && otherDrill(task, ontype),
      h("button", { class: "button plain", type: "button", onclick: onskip }, t("training.skip")),
    ),
  );
}

/** What the card is about; of a rule it is the correction, and says too much before the answer. */
const title = (task) => h("p", { class: "task-about", lang: "en", dir: "auto" }, task.title);

function about(task) {
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "task-text", lang: "en", dir: "auto" }, task.text),
    task.points.length > 0 &&
      h(
        "ul",
        { class: "points", lang: "en" },
        task.points.map((point) => h("li", {}, point)),
      ),
    task.min_words > 0 &&
      h("p", { class: "small muted" }, t("training.min_words", { count: task.min_words })),
  );
}

function writing(task, onwritten) {
  const long = task.min_words > 0;
  const field = h(long ? "textarea" : "input", {
    class: "input",
    id: "answer",
    lang: "en",
    rows: long ? 4 : null,
    maxlength: MOST_CHARACTERS,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  return h(
    "form",
    {
      class: "writing",
      onsubmit: (event) => {
        event.preventDefault();
        if (field.value.trim()) onwritten(field.value);
        else field.focus();
      },
    },
    h("div", { class: "field" }, h("label", { for: "answer" }, t("training.write")), field),
    h("button", { class: "button", type: "submit" }, t("training.check")),
  );
}

function otherDrill(task, ontype) {
  const select = h(
    "select",
    { "aria-label": t("training.as"), onchange: () => ontype(select.value) },
    task.types.map((type) =>
      h("option", { value: type, selected: type === task.type }, t(`training.drill.${type}`)),
    ),
  );
  return h("span", { class: "select" }, select, icon("chevron-down"));
}
