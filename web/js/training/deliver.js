// Sending an answer until the server has judged or refused it.

import { api } from "../api.js";
import { passes, delayMs, pauseOrWake } from "../results/follow.js";
import * as outbox from "./outbox.js";

/**
 * Send a kept answer and return how it was judged. Out of reach, it is sent again and again, always as the same
 * attempt; `onwaiting(problem)` is told. Rejects with a Problem where the server refused it, which is then not kept any
 * more, unless one has to sign in again; and with the signal's reason once it is aborted, when it stays kept.
 */
export async function deliver(answer, { signal, onwaiting, pause = pauseOrWake }) {
  for (let tried = 0; ; tried += 1) {
    try {
      const judged = await send(answer);
      await outbox.drop(answer.attemptId);
      return judged;
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (!passes(problem)) {
        if (problem.status !== 401) await outbox.drop(answer.attemptId);
        throw problem;
      }
      signal.throwIfAborted();
      onwaiting(problem);
    }
    await pause(delayMs(tried + 2), signal);
    signal.throwIfAborted();
  }
}

function send({ taskId, attemptId, type, revision, text, elapsedMs, recording }) {
  const path = `training/tasks/${taskId}/complete`;
  if (recording === null) {
    return api.post(path, { attempt_id: attemptId, type, revision, text, elapsed_ms: elapsedMs });
  }
  return api.post(`${path}?attempt_id=${attemptId}&type=${type}&revision=${revision}`, recording);
}
