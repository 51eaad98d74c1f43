// The results of a session: the summary at once, the analysis as soon as it is there.

import { api, Problem } from "../api.js";
import { momentPlayer } from "../audio/moment.js";
import { h, replace, stylesheet } from "../dom.js";
import * as i18n from "../i18n.js";
import { formatDate, t } from "../i18n.js";
import { nextSteps, observations } from "../results/advice.js";
import { criteriaSection, overallSection } from "../results/bands.js";
import { comparisonSection } from "../results/comparison.js";
import { conditionsSection } from "../results/conditions.js";
import { deliverySection } from "../results/delivery.js";
import * as explanations from "../results/explanations.js";
import { followAnalysis, passes } from "../results/follow.js";
import { reportButton } from "../results/report.js";
import { dialogue } from "../results/transcript.js";
import { dead, progressCard, summarySection } from "../results/waiting.js";
import { problemText } from "../ui/problem_text.js";

const SESSIONS_COMPARED = 50;
const WELL_FORMED = /^[0-9a-f-]{36}$/i;

export async function show(root, { session: sessionId }, app) {
  await Promise.all([i18n.use("results"), ...["results", "bands", "dialogue", "charts"].map(stylesheet)]);
  const leaving = new AbortController();
  const given = await read(root, sessionId, app);
  if (given === null) return () => undefined;
  const { session } = given;
  if (session.status !== "ended") {
    const live = h("a", { class: "button primary", href: `#/exam/${session.id}` }, t("results.dead.live.go"));
    replace(root, dead("live", live, homeLink()));
    return () => undefined;
  }

  const player =
    session.audio_ms > 0 && !session.audio_deleted_at
      ? momentPlayer(session.id, (problem) => app.toast(problemText(problem), "bad"))
      : null;
  const body = h("div", { class: "results-body stack-l" });
  const context = {
    ...given,
    app,
    player,
    analysis: null,
    signal: leaving.signal,
    language: explanations.chosen(given.profile),
  };
  replace(root, h("div", { class: "results stack-l" }, heading(session), body, player?.element));
  waitFor(context, body);
  return () => {
    leaving.abort(new DOMException("The results were left.", "AbortError"));
    player?.close();
  };
}

const homeLink = () => h("a", { class: "button", href: "#/" }, t("results.to_start"));

/** Return the session with what stands beside it, or null once the screen says why there is none. */
async function read(root, sessionId, app) {
  try {
    if (!WELL_FORMED.test(sessionId)) throw new Problem({ status: 404, code: "session_not_found" });
    const [session, listed, profile] = await Promise.all([
      api.get(`sessions/${sessionId}`),
      api.get(`sessions?limit=${SESSIONS_COMPARED}`),
      api.get("users/me"),
    ]);
    return { session, sessions: listed.items, profile };
  } catch (problem) {
    if (problem.status === 404) {
      replace(root, dead("unknown", homeLink()));
      return null;
    }
    if (problem instanceof Problem && passes(problem)) {
      const again = h(
        "button",
        { class: "button primary", type: "button", onclick: () => app.navigate(location.hash) },
        t("results.again"),
      );
      replace(root, dead(problem.status === 0 ? "offline" : "trouble", again, homeLink()));
      return null;
    }
    throw problem;
  }
}

function heading(session) {
  const began = session.started_at ?? session.created_at;
  return h(
    "header",
    { class: "results-head" },
    h("h1", {}, t("results.title")),
    h(
      "p",
      { class: "muted" },
      [t(`results.mode.${session.mode}`), formatDate(began, { dateStyle: "long", timeStyle: "short" })].join(
        " · ",
      ),
    ),
    session.clock === "short" && h("p", { class: "small muted" }, t("results.short_clock")),
    session.audio_deleted_at &&
      h(
        "p",
        { class: "small muted" },
        t("results.recording_gone", { date: formatDate(session.audio_deleted_at) }),
      ),
  );
}

function waitFor(context, body) {
  const card = progressCard();
  replace(body, card.element, summarySection(context), dialogue(context).transcript);
  followAnalysis(context.session.id, {
    signal: context.signal,
    onprogress: (analysis) => {
      card.progress(analysis);
    },
    ontrouble: card.trouble,
  })
    .then(async (analysis) => {
      const fresh = await current(context); // answers may have been heard again, and now there is a band
      if (context.signal.aborted) return;
      context.app.announce(t(analysis.status === "done" ? "results.ready" : "results.failed.title"));
      draw({ ...context, ...fresh, analysis: analysis.status === "done" ? analysis : null }, body);
    })
    .catch((problem) => {
      if (context.signal.aborted) return;
      if (!(problem instanceof Problem)) throw problem;
      replace(card.element, h("p", { role: "status" }, problemText(problem)));
    });
}

/** The session and the learner's sessions as they are now; as they were read before where that fails. */
async function current({ session, sessions }) {
  if (session.analysis_status === "done") return {};
  try {
    const [again, listed] = await Promise.all([
      api.get(`sessions/${session.id}`),
      api.get(`sessions?limit=${SESSIONS_COMPARED}`),
    ]);
    return { session: again, sessions: listed.items };
  } catch {
    return { session, sessions };
  }
}

function draw(context, body) {
  if (context.analysis === null) {
    replace(body, failed(), summarySection({ ...context, done: true }), dialogue(context).transcript);
    return;
  }
  if (context.analysis.result.measures.whole.words === 0) {
    if (context.session.turns.some(({ speaker, part, text }) => speaker === "learner" && !part && text))
      replace(body, nothingRated(), dialogue(context).transcript);
    else replace(body, nothingHeard(context), conditionsSection(context));
    return;
  }
  const { mistakes, transcript } = dialogue(context);
  const choice = explanations.languageChoice(context.language, (language) => {
    context.player?.stop();
    draw({ ...context, language }, body);
    body.querySelector(`.toggle input[value="${language}"]`).focus();
  });
  replace(
    body,
    overallSection(context),
    h("div", { class: "results-tools row spread" }, choice, reportButton(context.session.id, context.signal)),
    criteriaSection(context),
    nextSteps(context),
    mistakes,
    observations(context),
    transcript,
    deliverySection(context),
    comparisonSection(context),
    conditionsSection(context),
  );
}

function failed() {
  return h(
    "section",
    { class: "notice caution", role: "status" },
    h(
      "div",
      { class: "stack" },
      h("h2", {}, t("results.failed.title")),
      h("p", {}, t("results.failed.text")),
    ),
  );
}

function nothingHeard({ session }) {
  const check = h("a", { class: "button primary", href: "#/check" }, t("results.nothing.check"));
  return h(
    "section",
    { class: "stack" },
    h("h2", {}, t("results.nothing.title")),
    h("p", { class: "lead" }, t(session.audio_ms > 0 ? "results.nothing.text" : "results.nothing.silent")),
    h("div", { class: "row" }, check, homeLink()),
  );
}

/** What was said was understood, but all of it before the questions that are rated: there is nothing to report on. */
function nothingRated() {
  return h(
    "section",
    { class: "stack" },
    h("h2", {}, t("results.opening.title")),
    h("p", { class: "lead" }, t("results.opening.text")),
    h("div", { class: "row" }, h("a", { class: "button primary", href: "#/" }, t("results.to_start"))),
  );
}
