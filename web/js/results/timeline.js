// Speech and silence, answer by answer, with the words a listener would have to guess.

import { h, svg } from "../dom.js";
import { formatNumber, t } from "../i18n.js";
import { listenButton, place } from "./quote.js";
import { speechLine } from "./speech_line.js";

const MOST = 16;
const HEIGHT = 20;
const GUESS_HEIGHT = 4;

/** The chart and its table; null without a timed answer. Only the longest answers of a long test are drawn. */
export function timeline({ session, analysis, player }) {
  const { pause_ms: pauseMs, long_pause_ms: longMs } = analysis.result.pronunciation.thresholds;
  const guessed = analysis.result.pronunciation.intelligibility.guessed_words;
  const filled = analysis.result.pronunciation.filled_pauses;
  const answers = longest(session.turns)
    .map((turn) => ({
      turn,
      line: speechLine(turn.words, { pauseMs, longMs }),
      guessed: guessed.filter((one) => one.turn_id === turn.id),
      filled: filled.filter((one) => one.turn_id === turn.id),
    }))
    .filter(({ line }) => line !== null);
  if (answers.length === 0) return null;
  const widestMs = Math.max(...answers.map(({ line }) => line.lengthMs));
  return h(
    "figure",
    { class: "figure", "aria-labelledby": "timeline-title" },
    h("h3", { id: "timeline-title" }, t("results.timeline")),
    h("figcaption", { class: "small muted" }, t("results.timeline.caption")),
    legend(),
    h(
      "div",
      { class: "timeline" },
      answers.map((answer) => row(answer, widestMs, player)),
    ),
    h("details", { class: "figure-table" }, h("summary", {}, t("results.as_table")), table(answers)),
  );
}

function longest(turns) {
  const spoken = turns.filter(
    (turn) => turn.speaker === "learner" && turn.part !== null && turn.words.length > 0,
  );
  const lengths = spoken.map((turn) => turn.end_ms - turn.start_ms).sort((a, b) => b - a);
  const least = lengths[MOST - 1] ?? 0;
  return spoken.filter((turn) => turn.end_ms - turn.start_ms >= least).slice(0, MOST);
}

function legend() {
  return h(
    "ul",
    { class: "legend small", "aria-hidden": "true" },
    ["speech", "pause", "long_pause", "guessed"].map((name) =>
      h("li", {}, h("span", { class: `swatch ${name}` }), t(`results.timeline.${name}`)),
    ),
  );
}

function row({ turn, line, guessed, filled }, widestMs, player) {
  const label = t("results.timeline.row", {
    at: place(turn.start_ms),
    seconds: formatNumber(Math.round(line.lengthMs / 1000)),
    pauses: line.pauses.length,
    long: line.pauses.filter((one) => one.long).length,
  });
  const beginning = turn.words.find((word) => word.end_ms > word.start_ms).start_ms;
  const drawing = svg(
    "svg",
    {
      class: "timeline-bar",
      viewBox: `0 0 ${widestMs} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    svg("rect", { class: "line-pause", x: 0, y: HEIGHT / 2 - 1, width: line.lengthMs, height: 2 }),
    line.pauses
      .filter((one) => one.long)
      .map((one) =>
        svg("rect", { class: "line-long", x: one.startMs, y: 5, width: one.endMs - one.startMs, height: 10 }),
      ),
    line.runs.map((one) =>
      svg("rect", { class: "line-speech", x: one.startMs, y: 3, width: one.endMs - one.startMs, height: 14 }),
    ),
    [...guessed, ...filled].map((one) =>
      svg("rect", {
        class: "line-guessed",
        x: one.start_ms - beginning,
        y: HEIGHT - GUESS_HEIGHT,
        width: Math.max(one.end_ms - one.start_ms, widestMs / 200),
        height: GUESS_HEIGHT,
      }),
    ),
  );
  return h(
    "div",
    { class: "timeline-row" },
    player
      ? listenButton(
          turn.start_ms,
          turn.end_ms,
          player,
          t("results.listen_answer", { at: place(turn.start_ms) }),
        )
      : h("span", { class: "quote-time" }, place(turn.start_ms)),
    drawing,
    h(
      "span",
      { class: "timeline-rate small muted" },
      line.wordsPerMinute === null ? "" : t("results.wpm", { count: line.wordsPerMinute }),
    ),
  );
}

const COLUMNS = ["answer", "length", "rate", "pauses", "long_pauses", "guessed_words"];

function table(answers) {
  return h(
    "div",
    { class: "table-wrap", tabindex: "0", role: "region", "aria-label": t("results.timeline") },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          COLUMNS.map((name) => h("th", { scope: "col" }, t(`results.timeline.column.${name}`))),
        ),
      ),
      h(
        "tbody",
        {},
        answers.map(({ turn, line, guessed }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, place(turn.start_ms)),
            h("td", {}, t("results.seconds", { count: Math.round(line.lengthMs / 1000) })),
            h(
              "td",
              {},
              line.wordsPerMinute === null ? "–" : t("results.wpm", { count: line.wordsPerMinute }),
            ),
            h("td", {}, line.pauses.length),
            h("td", {}, line.pauses.filter((one) => one.long).length),
            h("td", { lang: "en" }, guessed.map((one) => one.word).join(", ") || "–"),
          ),
        ),
      ),
    ),
  );
}
