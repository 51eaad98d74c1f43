// The exam: a session that has begun, or begins here, with a microphone or with a sample learner in its place.

import { api } from "../api.js";
import { openMicrophone } from "../audio/capture.js";
import { h, icon, replace, stylesheet } from "../dom.js";
import { ExamView } from "../exam/exam_view.js";
import { LiveExam } from "../exam/live_exam.js";
import { forgetNotes } from "../exam/notes.js";
import { newStory, tell } from "../exam/story.js";
import { UnstoredSound } from "../exam/unstored.js";
import { Voice } from "../exam/voice.js";
import { t, use } from "../i18n.js";
import * as session from "../session.js";
import { ask } from "../ui/dialog.js";
import { microphoneHelp } from "../ui/microphone_help.js";
import { problemText } from "../ui/problem_text.js";

const SUMMARY_WAIT_MS = 6_000;

export async function show(root, { session: sessionId }, app) {
  await Promise.all([use("exam"), stylesheet("exam")]);
  const sitting = new Sitting(root, sessionId, app);
  await sitting.begin();
  return () => sitting.leave();
}

class Sitting {
  constructor(root, sessionId, app) {
    Object.assign(this, {
      root,
      sessionId,
      app,
      left: false,
      mic: null,
      voice: null,
      exam: null,
      view: null,
    });
    this.story = newStory();
    this.sample = location.hash.startsWith("#/sample/");
    this.answerBeganMs = 0;
  }

  async begin() {
    this.panel(h("p", { class: "muted", role: "status" }, t("exam.opening")));
    try {
      this.session = await api.get(`sessions/${this.sessionId}`);
    } catch (problem) {
      this.panel(h("p", { class: "notice bad" }, icon("warning"), problemText(problem)), this.homeLink());
      return;
    }
    if (this.session.status === "ended") {
      void new UnstoredSound(this.sessionId).forget();
      location.replace(`#/results/${this.sessionId}`);
      return;
    }
    const { mic = null, voice = new Voice() } = this.app.devices ?? {};
    this.app.devices = null;
    this.mic = mic;
    this.voice = voice;
    if (await voice.wake()) await this.open();
    else this.panel(this.continuePanel());
  }

  /** A browser plays nothing on a page that was loaded anew until somebody clicks. */
  continuePanel() {
    const go = h(
      "button",
      {
        class: "button primary large",
        type: "button",
        onclick: () => void this.voice.wake().then(() => this.open()),
      },
      t("exam.continue.go"),
      icon("arrow-right"),
    );
    return h("div", { class: "card stack" }, h("p", {}, t("exam.continue.text")), h("div", {}, go));
  }

  async open() {
    try {
      this.mic ??= this.sample ? await this.sampleLearner() : await openMicrophone();
    } catch (problem) {
      this.panel(
        microphoneHelp(problem, () => void this.open()),
        this.homeLink(),
      );
      return;
    }
    if (this.left) {
      this.mic.close();
      return;
    }
    this.view = new ExamView({
      session: this.session,
      story: this.story,
      level: () => this.mic?.level ?? 0,
      sample: this.sample,
      actions: this.actions(),
    });
    replace(this.root, this.view.element);
    this.connect(this.session.status !== "created");
  }

  async sampleLearner() {
    const { SampleLearner } = await import("../exam/sample_learner.js");
    return new SampleLearner(this.sessionId);
  }

  connect(started) {
    this.exam = new LiveExam({
      sessionId: this.sessionId,
      voice: this.voice,
      started,
      displayName: this.sample || session.kind() === "development" ? null : session.name() || null,
      onevent: (event) => this.happened(event),
      onstate: (state) => this.connection(state),
    });
    this.mic.onframe = (pcm) => this.exam.hear(pcm);
    this.mic.onlost = () => void this.microphoneLost();
    document.addEventListener("visibilitychange", this.woken);
    void this.stayAwake();
    this.exam.open();
  }

  woken = () => {
    if (document.visibilityState !== "visible") return;
    void this.mic?.wake();
    void this.voice?.wake();
    void this.stayAwake();
  };

  /** A phone must not go to sleep while somebody thinks. */
  async stayAwake() {
    try {
      this.awake = await navigator.wakeLock?.request("screen");
    } catch {
      this.awake = null; // low battery, or not allowed: the exam goes on without
    }
  }

  happened(event) {
    if (event.type === "turn.state" && event.state === "listening")
      this.answerBeganMs = this.exam.uplink.positionMs;
    if (!tell(this.story, event)) return;
    this.view.draw(event);
    if (event.type === "warning" && event.code === "transcription_failed") {
      this.app.toast(t("exam.warning.transcription_failed"));
    }
    if (this.sample) this.mic.told(event, this.exam);
    if (this.story.summary) this.finish();
    else if (event.type === "turn.state" && event.state === "ended") {
      this.ending ??= setTimeout(() => this.finish(), SUMMARY_WAIT_MS);
    }
  }

  connection(state) {
    if (this.left) return;
    this.view.connection(state);
    if (state.name === "over") this.finish();
    if (state.name === "failed") void this.perhapsOver();
  }

  /** A session that waited too long, or was ended elsewhere, has results. */
  async perhapsOver() {
    const now = await api.get(`sessions/${this.sessionId}`).catch(() => null);
    if (now?.status === "ended") this.finish();
  }

  async microphoneLost() {
    this.mic = null;
    this.view.microphoneLost(async () => {
      this.mic = await openMicrophone();
      this.mic.onframe = (pcm) => this.exam.hear(pcm);
      this.mic.onlost = () => void this.microphoneLost();
    });
  }

  actions() {
    return {
      ready: () => this.exam.say({ type: "prep.ready" }),
      done: () => this.exam.endTurn(this.answerBeganMs),
      retry: () => this.exam.say({ type: "turn.retry" }),
      next: () => this.exam.say({ type: "turn.next" }),
      mute: (muted) => {
        if (this.mic) this.mic.muted = muted;
      },
      here: () => {
        this.view.connection({ name: "connecting" });
        this.reopen();
      },
      end: () => void this.end(),
      home: () => this.app.navigate("#/"),
    };
  }

  /** Take the session back from another tab, or try once more after giving up. */
  async reopen() {
    this.exam.close();
    this.voice.goOnWith(null);
    Object.assign(this.story, newStory());
    try {
      this.session = await api.get(`sessions/${this.sessionId}`);
    } catch (problem) {
      this.view.connection({ name: "failed", code: problem.code, message: problem.detail });
      return;
    }
    if (this.session.status === "ended") this.finish();
    else this.connect(this.session.status !== "created");
  }

  async end() {
    const answer = await ask({
      title: t("exam.end.title"),
      text: t(this.session.mode === "practice" ? "exam.end.practice" : "exam.end.text"),
      choices: [
        { label: t("exam.end.stay"), value: false, focus: true },
        { label: t("exam.end.go"), value: true, kind: "danger" },
      ],
    });
    if (!answer || this.left) return;
    this.exam.uplink.streaming = false;
    this.exam.say({ type: "session.end" });
    this.view.ending();
  }

  finish() {
    if (this.left) return;
    forgetNotes(this.sessionId);
    void this.exam?.forget();
    this.app.navigate(`#/results/${this.sessionId}`);
  }

  leave() {
    this.left = true;
    clearTimeout(this.ending);
    document.removeEventListener("visibilitychange", this.woken);
    void this.awake?.release();
    this.exam?.close();
    this.view?.close();
    this.mic?.close();
    this.voice?.close();
  }

  panel(...content) {
    if (this.left) return;
    replace(
      this.root,
      h(
        "div",
        { class: "stack-l narrow" },
        h("h1", {}, t(this.sample ? "exam.sample.title" : "exam.title")),
        content,
      ),
    );
  }

  homeLink() {
    return h("p", {}, h("a", { href: "#/" }, t("exam.home")));
  }
}
