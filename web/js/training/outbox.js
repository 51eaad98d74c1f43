// Answers that the server does not have yet, kept on this device until it does: a learner's answer is never lost.

import { localStore } from "../local_store.js";
import * as session from "../session.js";

const request = localStore("speakmate", "answers", "attemptId");

/**
 * An answer: `{attemptId, taskId, title, type, revision, text, elapsedMs, recording, keptAt, learner}`; `recording` is a
 * WAV Blob, or null for an answer in writing. The attempt's id makes it count once, however often it is sent.
 */
export async function keep(answer) {
  const kept = { ...answer, keptAt: Date.now(), learner: await session.learner() };
  await request("readwrite", (store) => store.put(kept));
  return kept;
}

export const drop = (attemptId) => request("readwrite", (store) => store.delete(attemptId));

/** The signed-in learner's answers, the oldest first. */
export async function waiting() {
  const [mine, all] = await Promise.all([session.learner(), request("readonly", (store) => store.getAll())]);
  return all.filter((one) => one.learner === mine).sort((a, b) => a.keptAt - b.keptAt);
}
