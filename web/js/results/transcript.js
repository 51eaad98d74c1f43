// The dialogue with the findings marked in it, and the list of mistakes that leads there.

import { h, replace } from "../dom.js";
import { t } from "../i18n.js";
import { findingPanel } from "./finding_panel.js";
import { mostUseful, segments } from "./marking.js";
import { listenButton, place } from "./quote.js";

const LISTED = 8;

/**
 * The sections of mistakes and transcript: `{mistakes, transcript}`; `mistakes` leads to the marks in `transcript`.
 */
export function dialogue(given) {
  const opened = new Map(); // finding id -> function that opens its mark and takes the focus there
  const section = h(
    "section",
    { class: "stack", "aria-labelledby": "transcript" },
    h("h2", { id: "transcript" }, t("results.transcript")),
    given.analysis?.findings.length > 0 && h("p", { class: "muted" }, t("results.transcript.note")),
    h(
      "ol",
      { class: "turns" },
      given.session.turns.filter((turn) => turn.text).map((turn) => turnItem(turn, given, opened)),
    ),
  );
  return { mistakes: mistakes(given, opened), transcript: section };
}

function turnItem(turn, given, opened) {
  if (turn.speaker === "examiner") {
    return h(
      "li",
      { class: "turn examiner" },
      h("p", { class: "turn-who" }, t("results.examiner")),
      h("p", { lang: "en", dir: "auto" }, turn.text),
    );
  }
  const findings = given.analysis?.findings.filter((one) => one.turn_id === turn.id) ?? [];
  const panel = h("div", { class: "turn-panel", id: `panel-${turn.id}`, hidden: true });
  const marks = [];
  const text = segments(turn.text, findings).map((segment) =>
    segment.findings.length === 0 ? segment.text : mark(segment, panel, marks, given, opened),
  );
  return h(
    "li",
    { class: "turn learner" },
    h(
      "p",
      { class: "turn-who" },
      t("results.you"),
      " ",
      given.player && turn.end_ms > turn.start_ms
        ? listenButton(
            turn.start_ms,
            turn.end_ms,
            given.player,
            t("results.listen_answer", { at: place(turn.start_ms) }),
          )
        : null,
    ),
    h("p", { class: "turn-text", lang: "en", dir: "auto" }, text),
    panel,
  );
}

/** A marked place: a button inside running text, so no <button>, which would not break over lines. */
function mark(segment, panel, marks, given, opened) {
  const element = h(
    "span",
    {
      class: "mark",
      role: "button",
      tabindex: "0",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      onclick: () => toggle(),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle();
      },
    },
    segment.text,
  );
  marks.push(element);
  const shown = () => element.getAttribute("aria-expanded") === "true";
  const onverdict = () =>
    element.classList.toggle(
      "disputed",
      segment.findings.every((one) => one.verdict === "wrong"),
    );
  onverdict();

  function open() {
    for (const other of marks) other.setAttribute("aria-expanded", String(other === element));
    replace(
      panel,
      segment.findings.map((one) => findingPanel(one, { ...given, onverdict })),
    );
    panel.hidden = false;
  }

  function toggle() {
    if (!shown()) return open();
    element.setAttribute("aria-expanded", "false");
    panel.hidden = true;
    return undefined;
  }

  for (const one of segment.findings) {
    opened.set(one.id, () => {
      open();
      element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "center" });
    });
  }
  return element;
}

function mistakes({ analysis }, opened) {
  const found = analysis ? mostUseful(analysis.findings) : [];
  const section = (...children) =>
    h(
      "section",
      { class: "stack", "aria-labelledby": "mistakes" },
      h("h2", { id: "mistakes" }, t("results.mistakes")),
      children,
    );
  if (found.length === 0) return section(h("p", { class: "muted" }, t("results.mistakes.none")));
  return section(
    h(
      "ul",
      { class: "list mistakes" },
      found
        .slice(0, LISTED)
        .map(({ finding, times }) =>
          h(
            "li",
            {},
            h(
              "button",
              { class: "mistake", type: "button", onclick: () => opened.get(finding.id)?.() },
              h("span", { class: "visually-hidden" }, `${t("results.you_said")}: `),
              h("del", { lang: "en", dir: "auto" }, finding.quote),
              h("span", { class: "visually-hidden" }, `, ${t("results.better")}: `),
              h("ins", { lang: "en", dir: "auto" }, finding.correction || t("results.left_out")),
              h(
                "span",
                { class: "mistake-times small muted" },
                times > 1 ? t("results.times", { count: times }) : null,
              ),
            ),
          ),
        ),
    ),
    h("p", { class: "small muted" }, t("results.mistakes.note")),
  );
}
