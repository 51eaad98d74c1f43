// How loud it is: bars that follow a level, and stand still when nothing is heard.

import { h } from "../dom.js";

const SHAPE = [0.35, 0.6, 0.85, 1, 0.85, 0.6, 0.35];

/** Bars for `level()`, a number from 0 to 1; `stop()` when they are not shown any more. */
export function meter(level) {
  const bars = SHAPE.map(() => h("span", { class: "bar" }));
  const element = h("div", { class: "meter", "aria-hidden": "true" }, bars);
  let shown = 0;
  let frame = requestAnimationFrame(function draw() {
    const heard = Math.max(0, (level() - 0.2) / 0.8);
    shown += (heard - shown) * (heard > shown ? 0.5 : 0.15); // quick up, slow down
    bars.forEach((bar, i) =>
      bar.style.setProperty("--level", Math.min(1, 0.06 + shown * SHAPE[i] * 1.2).toFixed(3)),
    );
    frame = requestAnimationFrame(draw);
  });
  return { element, stop: () => cancelAnimationFrame(frame) };
}
