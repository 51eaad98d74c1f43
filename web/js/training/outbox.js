// Answers that the server does not have yet, kept on this device until it does: a learner's answer is never lost.

import * as session from "../session.js";

const DATABASE = "speakmate";
const STORE = "answers";

/**
 * An answer: `{attemptId, taskId, title, type, revision, text, elapsedMs, recording, keptAt, learner}`; `recording` is a
 * WAV Blob, or null for an answer in writing. The attempt's id makes it count once, however often it is sent.
 */
export async function keep(answer) {
  const kept = { ...answer, keptAt: Date.now(), learner: await learner() };
  await request("readwrite", (store) => store.put(kept));
  return kept;
}

export const drop = (attemptId) => request("readwrite", (store) => store.delete(attemptId));

/** The signed-in learner's answers, the oldest first. */
export async function waiting() {
  const [mine, all] = await Promise.all([learner(), request("readonly", (store) => store.getAll())]);
  return all.filter((one) => one.learner === mine).sort((a, b) => a.keptAt - b.keptAt);
}

/** Whom the token speaks for. */
async function learner() {
  const token = await session.token();
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(payload)).sub;
}

let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const open = indexedDB.open(DATABASE, 1);
    open.onupgradeneeded = () => open.result.createObjectStore(STORE, { keyPath: "attemptId" });
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  return opening;
}

async function request(mode, ask) {
  const transaction = (await database()).transaction(STORE, mode);
  const asked = ask(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
