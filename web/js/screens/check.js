// Before an exam: is the microphone heard, and how does it sound?

import { api } from "../api.js";
import { openMicrophone, recordOnce } from "../audio/capture.js";
import { playRecording, stopRecording as silence } from "../audio/player.js";
import { h, icon, replace, stylesheet } from "../dom.js";
import { keptChoice } from "../exam/choice.js";
import { Voice } from "../exam/voice.js";
import { t, use } from "../i18n.js";
import { meter } from "../ui/meter.js";
import { microphoneHelp } from "../ui/microphone_help.js";
import { problemText } from "../ui/problem_text.js";

const MAX_S = 8;
const QUIET = 0.45; // the loudest moment of a sentence below this (-33 dB) is hard to understand
const TOO_LOUD = 0.985;

export async function show(root, _params, app) {
  await Promise.all([use("exam"), stylesheet("home")]);
  const choice = keptChoice();
  let mic = null;
  let shownMeter = null;
  let handedOver = false;
  let stopRecording = null;
  const stage = h("div", { class: "stack-l" });

  async function ask() {
    replace(stage, h("p", { class: "muted", role: "status" }, t("exam.check.asking")));
    try {
      mic = await openMicrophone();
    } catch (problem) {
      replace(stage, microphoneHelp(problem, ask));
      return;
    }
    mic.onlost = () => {
      close();
      replace(stage, microphoneHelp({ code: "none" }, ask));
    };
    drawHeard();
  }

  function drawHeard() {
    shownMeter = meter(() => mic?.level ?? 0);
    replace(
      stage,
      h(
        "div",
        { class: "card stack" },
        h(
          "div",
          { class: "row" },
          shownMeter.element,
          h("p", { class: "muted", role: "status" }, t("exam.check.listening")),
        ),
        h("p", {}, t("exam.check.read")),
        h("blockquote", { class: "sentence", lang: "en" }, "I’m ready to talk about the place where I live."),
        testSentence(),
      ),
      h(
        "div",
        { class: "stack" },
        h("div", { class: "row" }, begin, h("a", { class: "button plain", href: "#/" }, t("common.back"))),
        failed,
        h("p", { class: "muted small" }, t("exam.check.privacy")),
      ),
    );
  }

  function testSentence() {
    const said = h("p", { role: "status" });
    const listen = h(
      "button",
      { class: "button", type: "button", hidden: true },
      icon("play"),
      t("exam.check.listen"),
    );
    const record = h("button", { class: "button", type: "button" }, icon("mic"), t("exam.check.record"));
    let recording = null;
    record.addEventListener("click", async () => {
      if (stopRecording) {
        stopRecording.abort();
        return;
      }
      silence();
      stopRecording = new AbortController();
      replace(record, icon("stop"), t("exam.check.stop"));
      listen.hidden = true;
      let loudest = 0;
      const watch = setInterval(() => (loudest = Math.max(loudest, mic?.level ?? 0)), 40);
      recording = await recordOnce(mic, { maxS: MAX_S, stop: stopRecording.signal });
      clearInterval(watch);
      stopRecording = null;
      replace(record, icon("repeat"), t("exam.check.again"));
      listen.hidden = false;
      const verdict = loudest < QUIET ? "quiet" : loudest > TOO_LOUD ? "loud" : "good";
      replace(said, t(`exam.check.${verdict}`));
      said.className = verdict === "good" ? "good" : "caution";
    });
    listen.addEventListener("click", () =>
      playRecording(recording).catch(() => app.toast(t("exam.check.not_played"), "bad")),
    );
    return h("div", { class: "stack" }, h("div", { class: "row" }, record, listen), said);
  }

  const failed = h("div", { role: "alert" });
  const begin = h(
    "button",
    { class: "button primary large", type: "button", onclick: start },
    t(choice.mode === "practice" ? "exam.check.start_practice" : "exam.check.start"),
    icon("arrow-right"),
  );

  async function start() {
    begin.disabled = true;
    replace(failed);
    const voice = new Voice();
    await voice.wake(); // the click is what lets a browser make sounds
    try {
      const session = await api.post("sessions", choice);
      silence();
      stopRecording?.abort();
      handedOver = true;
      app.devices = { mic, voice };
      app.navigate(`#/exam/${session.id}`);
    } catch (problem) {
      voice.close();
      replace(failed, h("p", { class: "notice bad" }, icon("warning"), problemText(problem)));
      begin.disabled = false;
    }
  }

  function close() {
    shownMeter?.stop();
    silence();
    if (!handedOver) mic?.close();
    mic = handedOver ? mic : null;
  }

  replace(
    root,
    h(
      "div",
      { class: "stack-l narrow" },
      h(
        "div",
        { class: "stack" },
        h("p", { class: "eyebrow" }, t(`exam.mode.${choice.mode}.name`)),
        h("h1", {}, t("exam.check.title")),
        h("p", { class: "lead" }, t("exam.check.text")),
      ),
      stage,
    ),
  );
  void ask();
  return close;
}
