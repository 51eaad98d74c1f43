// What is due today, one drill after the other, each done right here.

import { api, Problem } from "../api.js";
import { h, replace, stylesheet } from "../dom.js";
import * as i18n from "../i18n.js";
import { has, t } from "../i18n.js";
import * as explanations from "../results/explanations.js";
import { passes } from "../results/follow.js";
import { deliver } from "../training/deliver.js";
import { outcomePanel } from "../training/outcome.js";
import * as outbox from "../training/outbox.js";
import { taskCard } from "../training/task_card.js";
import { problemText } from "../ui/problem_text.js";

export async function show(root, _params, app) {
  await Promise.all([i18n.use("training", "results", "exam"), stylesheet("results"), stylesheet("training")]);
  const leaving = new AbortController();
  const stage = h("div", { class: "stack" });
  const status = h("p", { class: "muted", role: "status" });
  replace(
    root,
    h(
      "div",
      { class: "training stack-l narrow" },
      h("header", { class: "stack" }, h("h1", {}, t("training.title")), status),
      stage,
    ),
  );
  const training = new Training({ app, stage, status, signal: leaving.signal });
  await training.start();
  return () => leaving.abort(new DOMException("Training was left.", "AbortError"));
}

class Training {
  constructor({ app, stage, status, signal }) {
    Object.assign(this, { app, stage, status, signal });
    this.card = null; // ends what belongs to the card that is shown
    this.language = explanations.chosen();
    this.today = null; // the learner's day, which ends at four in the morning
  }

  async start() {
    try {
      const [profile, late] = await Promise.all([api.get("users/me"), outbox.waiting()]);
      this.language = explanations.chosen(profile);
      for (const answer of late) await this.sendLate(answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
    await this.next();
  }

  /** Send an answer of another time; it must not hold up today's. */
  async sendLate(answer) {
    const once = new AbortController();
    try {
      await deliver(answer, {
        signal: once.signal,
        onwaiting: () => once.abort(),
        pause: async () => undefined,
      });
      this.app.toast(t("training.late.sent", { title: answer.title }));
    } catch (problem) {
      if (problem instanceof Problem)
        this.app.toast(t("training.late.refused", { title: answer.title, why: refusal(problem) }));
      else if (problem.name !== "AbortError") throw problem;
    }
  }

  async next({ focus = false } = {}) {
    try {
      const { day, items, finished_today: finished } = await api.get("training/tasks");
      if (this.signal.aborted) return;
      this.today = day;
      replace(this.status, t("training.today", { finished: String(finished), left: String(items.length) }));
      if (items.length === 0) this.nothingDue(finished);
      else this.show(items[0], focus);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.trouble(problem);
    }
  }

  show(task, focus) {
    this.card?.abort();
    this.card = new AbortController();
    const signal = AbortSignal.any([this.signal, this.card.signal]);
    const note = h("p", { class: "notice", role: "status", hidden: true });
    const card = taskCard(task, {
      language: this.language,
      signal,
      onanswer: (answer) => void this.answer(task, answer, { card, note }),
      onskip: () => void this.skip(task),
      ontype: (type) => void this.drill(task, type),
    });
    replace(this.stage, card, note);
    if (focus) card.querySelector("h2").focus();
  }

  async drill(task, type) {
    try {
      this.show(await api.get(`training/tasks/${task.id}?type=${type}`), true);
    } catch (problem) {
      this.app.toast(problemText(problem), "bad");
    }
  }

  async skip(task) {
    try {
      await api.post(`training/tasks/${task.id}/skip`);
      this.app.announce(t("training.skipped"));
      await this.next({ focus: true });
    } catch (problem) {
      this.app.toast(problemText(problem), "bad");
    }
  }

  /** Judge an answer; it is kept on this device before it is sent. */
  async answer(task, { text, recording, elapsedMs }, { card, note }) {
    const tell = (words) => {
      note.hidden = false;
      replace(note, words);
    };
    card.inert = true;
    tell(t("training.judging"));
    try {
      const kept = await outbox.keep({
        attemptId: crypto.randomUUID(),
        taskId: task.id,
        title: task.title,
        type: task.type,
        revision: task.revision,
        text,
        recording,
        elapsedMs,
      });
      const judged = await deliver(kept, { signal: this.signal, onwaiting: () => tell(t("training.kept")) });
      this.judged(judged);
    } catch (problem) {
      if (this.signal.aborted) return;
      if (!(problem instanceof Problem)) throw problem;
      card.inert = false;
      if (
        problem.code === "task_not_due" ||
        problem.code === "task_changed" ||
        problem.code === "task_not_found"
      ) {
        this.app.toast(refusal(problem));
        await this.next({ focus: true });
        return;
      }
      tell(refusal(problem));
    }
  }

  judged(judged) {
    this.card?.abort();
    const panel = outcomePanel(judged, {
      today: this.today,
      language: this.language,
      app: this.app,
      onnext: () => void this.next({ focus: true }),
      onundone: () => {
        this.app.toast(t("training.undone"));
        void this.next({ focus: true });
      },
    });
    replace(this.stage, panel);
    panel.querySelector("h2").focus();
  }

  nothingDue(finished) {
    replace(
      this.stage,
      h(
        "section",
        { class: "card stack" },
        h("h2", {}, t(finished > 0 ? "training.done.title" : "training.none.title")),
        h("p", {}, t(finished > 0 ? "training.done.text" : "training.none.text")),
        h(
          "div",
          { class: "row" },
          h("a", { class: "button primary", href: "#/" }, t("training.to_exam")),
          h("a", { class: "button", href: "#/plan" }, t("training.to_plan")),
        ),
      ),
    );
  }

  trouble(problem) {
    replace(
      this.stage,
      h(
        "section",
        { class: "card stack", role: "alert" },
        h("h2", {}, t(problem.status === 0 ? "results.dead.offline.title" : "results.dead.trouble.title")),
        h("p", {}, passes(problem) ? t("training.trouble") : problemText(problem)),
        h(
          "div",
          {},
          h(
            "button",
            { class: "button primary", type: "button", onclick: () => void this.next() },
            t("results.again"),
          ),
        ),
      ),
    );
  }
}

/** Why an answer does not count, in the learner's language where we have the words. */
function refusal(problem) {
  const key = `training.problem.${problem.code}`;
  return has(key) ? t(key) : problemText(problem);
}
