// Following an analysis until it is done: asked for again and again, more and more rarely.

import { api } from "../api.js";

const FIRST_MS = 1_000;
const MOST_MS = 10_000;
const GROWTH = 1.4;

/** How long to wait before the next question, after `asked` of them, in milliseconds. */
export const delayMs = (asked) => Math.min(MOST_MS, Math.round(FIRST_MS * GROWTH ** asked));

/**
 * Return the analysis once it is `done` or `failed`. `onprogress(analysis)` is told every state before that,
 * `ontrouble(problem)` that the server could not be asked, which ends nothing. Rejects with a Problem when there is
 * nothing to follow, and with the signal's reason once it is aborted.
 */
export async function followAnalysis(sessionId, { signal, onprogress, ontrouble, pause = pauseOrWake }) {
  for (let asked = 0; ; asked += 1) {
    try {
      const analysis = await api.get(`analysis/sessions/${sessionId}`);
      signal.throwIfAborted();
      if (analysis.status === "done" || analysis.status === "failed") return analysis;
      onprogress(analysis);
    } catch (problem) {
      signal.throwIfAborted();
      if (!passes(problem)) throw problem;
      ontrouble(problem);
    }
    await pause(delayMs(asked), signal);
    signal.throwIfAborted();
  }
}

/** Whether a problem may be gone when one asks again. */
export const passes = (problem) => problem.status === 0 || problem.status === 429 || problem.status >= 500;

/** Wait, but no longer than until the page is looked at again or the network is back. */
export function pauseOrWake(ms, signal) {
  return new Promise((resolve) => {
    const woken = new AbortController();
    const end = () => {
      clearTimeout(timer);
      woken.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const look = () => document.visibilityState === "visible" && end();
    window.addEventListener("online", end, { signal: woken.signal });
    document.addEventListener("visibilitychange", look, { signal: woken.signal });
    signal.addEventListener("abort", end, { signal: woken.signal });
  });
}
