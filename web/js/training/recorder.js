// An answer by voice: recorded, heard once more if wanted, and handed over.

import { MicrophoneProblem, openMicrophone, recordOnce } from "../audio/capture.js";
import { h, icon, replace } from "../dom.js";
import { formatClock, t } from "../i18n.js";
import { meter } from "../ui/meter.js";
import { microphoneHelp } from "../ui/microphone_help.js";

/**
 * A button that records up to `maxS` seconds; `onrecorded(blob)` is given the WAV when the learner stops or the time
 * is over. Once `signal` is aborted, the microphone is given back and what was said is dropped.
 */
export function recorder({ maxS, signal, onrecorded }) {
  const root = h("div", { class: "recorder" });
  idle();
  return root;

  function idle() {
    replace(
      root,
      h(
        "button",
        { class: "button primary", type: "button", onclick: () => void record() },
        icon("mic"),
        t("training.record"),
      ),
      h("span", { class: "small muted" }, t("training.record.limit", { time: formatClock(maxS * 1000) })),
    );
  }

  async function record() {
    replace(root, h("p", { class: "muted", role: "status" }, t("training.record.opening")));
    let mic;
    try {
      mic = await openMicrophone();
    } catch (problem) {
      if (!(problem instanceof MicrophoneProblem)) throw problem;
      replace(
        root,
        microphoneHelp(problem, () => void record()),
      );
      return;
    }
    if (signal.aborted) return mic.close();
    const stop = new AbortController();
    const bars = meter(() => mic.level);
    const began = performance.now();
    const clock = h("span", { class: "tabular", "aria-hidden": "true" }, formatClock(maxS * 1000));
    const ticking = setInterval(
      () => replace(clock, formatClock(maxS * 1000 - (performance.now() - began))),
      250,
    );
    const done = h(
      "button",
      { class: "button primary recording", type: "button", onclick: () => stop.abort() },
      icon("stop"),
      t("training.record.stop"),
    );
    replace(root, done, bars.element, clock);
    done.focus();
    mic.onlost = () => stop.abort();
    signal.addEventListener("abort", () => stop.abort(), { once: true });
    const blob = await recordOnce(mic, { maxS, stop: stop.signal });
    clearInterval(ticking);
    bars.stop();
    mic.close();
    idle();
    if (!signal.aborted) onrecorded(blob);
    return undefined;
  }
}
