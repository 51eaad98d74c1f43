// What is seen of an exam: whose turn it is, the question or the card, what was understood, and what one can do.

import { h, icon, replace } from "../dom.js";
import { formatClock, t } from "../i18n.js";
import { announce } from "../ui/toast.js";
import { meter } from "../ui/meter.js";
import { connectionPanel } from "./connection_panel.js";
import { Countdown } from "./countdown.js";
import { feedbackPanel } from "./feedback_panel.js";
import { notesField } from "./notes.js";
import { Transcript } from "./transcript.js";

const SHOW_TEXT = "speakmate.show_text";
const LAST_SECONDS_MS = 10_000;
const TIMED = new Set(["p2_prep", "p2_talk"]);
const OPEN_TURN = new Set(["listening", "learner_speaking"]);

export class ExamView {
  #pieces = {};
  #connection = { name: "connecting" };
  #meter;
  #countdown;
  #spoken = null;

  constructor({ session, story, level, sample, actions }) {
    Object.assign(this, { session, story, sample, actions, muted: false, over: false });
    this.practice = session.mode === "practice";
    const kept = localStorage.getItem(SHOW_TEXT);
    this.showText = this.practice || sample || kept === "true";
    this.#meter = meter(() => (OPEN_TURN.has(story.turn) ? level() : 0));
    this.#countdown = new Countdown((leftMs) => this.#drawClock(leftMs));
    this.element = this.#build();
    this.#draw();
  }

  #build() {
    const p = this.#pieces;
    p.part = h("h1", { class: "exam-part" });
    p.clock = h("p", { class: "exam-clock tabular", role: "timer" });
    p.state = h("p", { class: "exam-state", role: "status" });
    p.question = h("div", { class: "exam-question" });
    p.panel = h("div", { class: "exam-panel" });
    p.connection = h("div", { class: "exam-connection", role: "alert" });
    p.transcript = new Transcript();
    p.controls = h("div", { class: "exam-controls" });
    p.presence = h("div", { class: "presence" }, this.#meter.element);
    return h(
      "div",
      { class: "exam" },
      h("div", { class: "exam-head" }, p.part, p.clock),
      p.connection,
      h(
        "section",
        { class: "exam-stage" },
        h("div", { class: "exam-turn" }, p.presence, p.state),
        p.question,
        p.panel,
      ),
      p.transcript.element,
      p.controls,
    );
  }

  /** Something has happened in the story. */
  draw(event) {
    if (event.type === "exam.phase" || event.type === "session.resumed") {
      const timed = TIMED.has(this.story.phase);
      this.#countdown.set(timed ? this.story.limitMs : null);
    }
    if (event.type === "turn.state") {
      if (event.state === "paused") this.#countdown.pause();
      else this.#countdown.go();
    }
    this.#draw();
  }

  /** The connection has changed. */
  connection(state) {
    this.#connection = state;
    if (state.name !== "live") this.#countdown.pause();
    this.#draw();
  }

  microphoneLost(again) {
    const button = h("button", { class: "button primary", type: "button" }, t("exam.microphone.again"));
    const panel = h(
      "div",
      { class: "notice bad" },
      icon("mic-off"),
      h("div", { class: "stack" }, h("p", {}, t("exam.microphone.lost")), h("div", {}, button)),
    );
    button.addEventListener("click", async () => {
      await again();
      panel.remove();
    });
    this.#pieces.connection.after(panel);
  }

  ending() {
    this.over = true;
    this.#draw();
  }

  close() {
    this.#meter.stop();
    this.#countdown.set(null);
  }

  // --- drawing --------------------------------------------------------------------------------------------

  #draw() {
    const { story } = this;
    const p = this.#pieces;
    replace(p.part, this.sample ? `${t("exam.sample.title")} · ${this.#partName()}` : this.#partName());
    this.#drawState();
    replace(p.connection, connectionPanel(this.#connection, this.actions));
    this.#drawQuestion();
    this.#drawPanel();
    p.transcript.draw(story.lines, { examiner: this.showText, sample: this.sample });
    this.#drawControls();
    if (this.#connection.name === "elsewhere" || this.#connection.name === "failed")
      this.element.dataset.still = "true";
    else delete this.element.dataset.still;
  }

  #partName() {
    const { story } = this;
    if (this.practice) return t("exam.mode.practice.name");
    return story.part
      ? t(`exam.part.${story.part}`)
      : t(story.phase === "close" ? "exam.part.close" : "exam.part.opening");
  }

  #turn() {
    if (this.over || this.story.turn === "ended") return "ended";
    const name = this.#connection.name;
    if (name === "connecting" || (name === "live" && this.story.turn === null)) return "connecting";
    if (name !== "live") return "paused";
    if (this.story.phase === "p2_talk" && OPEN_TURN.has(this.story.turn)) return "talk";
    if (OPEN_TURN.has(this.story.turn)) return "yours";
    return this.story.turn;
  }

  #drawState() {
    const turn = this.#turn();
    this.element.dataset.turn = turn;
    const text =
      this.muted && (turn === "yours" || turn === "talk")
        ? t("exam.turn.muted")
        : t(`exam.turn.${this.sample && (turn === "yours" || turn === "talk") ? "theirs" : turn}`);
    if (this.#spoken === text) return;
    this.#spoken = text;
    replace(this.#pieces.state, text);
  }

  #drawQuestion() {
    const { story } = this;
    const p = this.#pieces;
    const isSilent = story.warning === "voice_unavailable";
    const text = isSilent ? story.speaking : story.question?.text;
    if (this.#turn() === "ended" || !text || (story.card && !isSilent)) {
      replace(p.question);
      return;
    }
    if (isSilent) {
      replace(
        p.question,
        h("p", { class: "caution" }, t("exam.warning.voice_unavailable")),
        h("p", { class: "question", lang: "en" }, text),
      );
      return;
    }
    if (!this.showText) {
      replace(
        p.question,
        h(
          "button",
          { class: "button plain", type: "button", onclick: () => this.#show(true) },
          icon("text"),
          t("exam.question.show"),
        ),
      );
      return;
    }
    replace(
      p.question,
      h("p", { class: "question", lang: "en" }, text),
      !this.practice &&
        !this.sample &&
        h(
          "button",
          { class: "button plain small", type: "button", onclick: () => this.#show(false) },
          t("exam.question.hide"),
        ),
    );
  }

  #show(shown) {
    this.showText = shown;
    localStorage.setItem(SHOW_TEXT, String(shown));
    this.#draw();
    this.#pieces.question.querySelector("button")?.focus();
  }

  #drawPanel() {
    const { story } = this;
    const wanted = this.#panelWanted();
    if (this.panelShown === wanted && this.panelPhase === story.phase) return;
    this.panelShown = wanted;
    this.panelPhase = story.phase;
    if (wanted === null) replace(this.#pieces.panel);
    else if (typeof wanted === "string") {
      replace(this.#pieces.panel, h("p", { class: "muted" }, t(wanted)));
    } else if (wanted === story.card) this.#drawCard();
    else {
      replace(this.#pieces.panel, feedbackPanel(story.feedback));
      announce(t("exam.feedback.ready"));
    }
  }

  /** The card, the feedback, the key of a text in the place of it, or null. */
  #panelWanted() {
    const { story } = this;
    if (this.#turn() === "ended") return null;
    if (story.phase !== "review") return story.card;
    if (story.feedback) return story.feedback;
    return story.warning === "feedback_unavailable"
      ? "exam.warning.feedback_unavailable"
      : "exam.feedback.waiting";
  }

  #drawCard() {
    const { card, phase } = this.story;
    const known = this.#pieces.panel.querySelector(".cue-card");
    if (!known) {
      replace(
        this.#pieces.panel,
        h(
          "div",
          { class: "cue" },
          h(
            "section",
            { class: "cue-card", lang: "en", "aria-label": t("exam.card.label") },
            h("h2", {}, card.topic),
            h("p", {}, "You should say:"),
            h(
              "ul",
              {},
              card.prompts.map((prompt) => h("li", {}, prompt)),
            ),
            h("p", {}, card.final_prompt),
          ),
          this.practice || this.sample ? null : notesField(this.session.id),
        ),
      );
    }
    this.#pieces.panel.dataset.phase = phase;
  }

  #drawClock(leftMs) {
    const p = this.#pieces;
    p.clock.dataset.last = String(leftMs !== null && leftMs <= LAST_SECONDS_MS);
    if (leftMs === null || this.practice) {
      replace(p.clock);
      return;
    }
    const text = t(this.story.phase === "p2_prep" ? "exam.clock.prepare" : "exam.clock.talk", {
      time: formatClock(leftMs),
    });
    if (p.clock.textContent !== text) replace(p.clock, icon("clock"), h("span", {}, text));
  }

  #drawControls() {
    const { story } = this;
    const live = this.#connection.name === "live" && !this.over && story.turn !== "ended";
    const key = [live, story.phase, OPEN_TURN.has(story.turn), this.muted].join();
    if (this.controlsShown === key) return;
    this.controlsShown = key;
    const focused = document.activeElement?.dataset?.control;
    replace(
      this.#pieces.controls,
      this.#main(live),
      h("div", { class: "exam-tools" }, this.sample ? null : this.#muteButton(), this.#endButton()),
    );
    if (focused) this.#pieces.controls.querySelector(`[data-control="${focused}"]`)?.focus();
  }

  #main(live) {
    const { story } = this;
    if (!live || this.sample) return null;
    if (story.phase === "p2_prep") return this.#button("ready", "exam.card.ready", "primary");
    if (story.phase === "review") {
      return h(
        "div",
        { class: "row" },
        this.#button("next", "exam.feedback.next", "primary"),
        this.#button("retry", "exam.feedback.retry", ""),
      );
    }
    if ((story.phase === "p2_talk" || this.practice) && OPEN_TURN.has(story.turn))
      return this.#button("done", "exam.done", "primary");
    return null;
  }

  #button(action, key, kind) {
    return h(
      "button",
      {
        class: `button ${kind}`,
        type: "button",
        "data-control": action,
        onclick: () => this.actions[action](),
      },
      t(key),
    );
  }

  #muteButton() {
    return h(
      "button",
      {
        class: "button",
        type: "button",
        "data-control": "mute",
        "aria-pressed": String(this.muted),
        onclick: () => {
          this.muted = !this.muted;
          this.actions.mute(this.muted);
          this.#draw();
        },
      },
      icon(this.muted ? "mic-off" : "mic"),
      t(this.muted ? "exam.unmute" : "exam.mute"),
    );
  }

  #endButton() {
    return h(
      "button",
      {
        class: "button",
        type: "button",
        "data-control": "end",
        disabled: this.over,
        onclick: () => this.actions.end(),
      },
      icon("stop"),
      t("exam.end.button"),
    );
  }
}
