// Moments of a session's recording. The token travels in a header, so a moment is fetched, then played.

import { api } from "../api.js";
import { h } from "../dom.js";

const BEFORE_MS = 200;
const AFTER_MS = 300;
const KEPT = 24;

/**
 * A player for one session's recording. `toggle(startMs, endMs, button)` plays the moment, or stops it when it is
 * playing; the button is `aria-pressed` meanwhile. `onproblem(problem)` is told when it cannot be fetched or played.
 * `close()` stops it and lets go of what it fetched. Its media element is in `element`.
 */
export function momentPlayer(sessionId, onproblem) {
  const element = h("audio", { class: "visually-hidden", preload: "auto" });
  const kept = new Map(); // path -> promise of an object URL
  let pressed = null;
  let asked = 0;

  function stop() {
    asked += 1;
    element.pause();
    pressed?.setAttribute("aria-pressed", "false");
    pressed?.removeAttribute("aria-busy");
    pressed = null;
  }

  async function fetched(path) {
    if (!kept.has(path)) {
      if (kept.size >= KEPT) forget(kept.keys().next().value);
      kept.set(
        path,
        api.blob(path).then((blob) => URL.createObjectURL(blob)),
      );
    }
    try {
      return await kept.get(path);
    } catch (problem) {
      kept.delete(path);
      throw problem;
    }
  }

  function forget(path) {
    void kept.get(path).then(URL.revokeObjectURL, () => undefined);
    kept.delete(path);
  }

  async function toggle(startMs, endMs, button) {
    const again = pressed === button;
    stop();
    if (again) return;
    const number = asked;
    pressed = button;
    button.setAttribute("aria-busy", "true");
    button.setAttribute("aria-pressed", "true");
    const from = Math.max(0, Math.floor(startMs - BEFORE_MS));
    const to = Math.ceil(Math.max(endMs, startMs) + AFTER_MS);
    try {
      const url = await fetched(`sessions/${sessionId}/audio?start_ms=${from}&end_ms=${to}`);
      if (number !== asked) return;
      element.src = url;
      await element.play();
      button.removeAttribute("aria-busy");
    } catch (problem) {
      if (number !== asked) return; // another moment was asked for
      stop();
      onproblem(problem);
    }
  }

  element.addEventListener("ended", stop);
  return {
    element,
    toggle,
    stop,
    close() {
      stop();
      element.removeAttribute("src");
      for (const path of [...kept.keys()]) forget(path);
    },
  };
}
