// Sound that the server has not stored, on this device's disk: it outlives a reload, and is gone once it is stored.
// A disk that takes nothing costs the exam nothing: then the sound is kept in the page's memory only.

import { FRAME_MS } from "../audio/pcm.js";
import { localStore } from "../local_store.js";
import * as session from "../session.js";

const LONGEST_PAUSE_MS = 10 * 60_000; // no exam waits that long for its learner

const request = localStore("speakmate-sound", "frames", ["session", "offsetMs"]);
const quietly = (asked) =>
  asked.catch((problem) => console.warn("Sound cannot be kept on this device.", problem));

/** The sound of one session. */
export class UnstoredSound {
  #learner = null;
  #from = 0; // whatever is kept begins there, in ms
  #until = 0; // and ends there

  constructor(sessionId) {
    this.sessionId = sessionId;
  }

  /** What the signed-in learner has said here and a page before this one could not send: `{offsetMs, pcm}` in order. */
  async load() {
    this.#learner = await session.learner();
    const all = (await quietly(request("readonly", (store) => store.getAll(this.#range(0, Infinity))))) ?? [];
    const mine = all.filter((frame) => frame.learner === this.#learner);
    this.#from = mine[0]?.offsetMs ?? 0;
    this.#until = mine.length ? mine.at(-1).offsetMs + FRAME_MS : 0;
    return mine;
  }

  /** Keep those of the frames that are not kept yet. */
  keep(frames) {
    const fresh = frames.filter((frame) => frame.offsetMs >= this.#until);
    if (fresh.length === 0) return;
    if (this.#until <= this.#from) this.#from = fresh[0].offsetMs;
    this.#until = fresh.at(-1).offsetMs + FRAME_MS;
    const told = { session: this.sessionId, learner: this.#learner, keptAt: Date.now() };
    const put = (store) => fresh.forEach(({ offsetMs, pcm }) => store.put({ ...told, offsetMs, pcm }));
    void quietly(request("readwrite", put));
  }

  /** The server has stored the sound up to here. */
  stored(untilMs) {
    const end = Math.min(untilMs, this.#until);
    if (end <= this.#from) return;
    this.#from = end;
    void quietly(request("readwrite", (store) => store.delete(this.#range(0, end - FRAME_MS))));
  }

  /** The session is over. */
  forget() {
    return quietly(request("readwrite", (store) => store.delete(this.#range(0, Infinity))));
  }

  #range(fromMs, toMs) {
    return IDBKeyRange.bound([this.sessionId, fromMs], [this.sessionId, toMs]);
  }
}

/** Nothing of anybody stays: somebody has signed out. */
export const forgetAll = () => quietly(request("readwrite", (store) => store.clear()));

/** Remove what no exam waits for any more. */
export async function forgetOld(now = Date.now()) {
  const all = (await quietly(request("readonly", (store) => store.getAll()))) ?? [];
  const old = all.filter((frame) => now - frame.keptAt > LONGEST_PAUSE_MS);
  if (old.length === 0) return;
  await quietly(
    request("readwrite", (store) => old.forEach((frame) => store.delete([frame.session, frame.offsetMs]))),
  );
}
