// Reading what a screen shows, or saying calmly why it cannot be read.

import { Problem } from "../api.js";
import { h, replace } from "../dom.js";
import { passes } from "../results/follow.js";
import { dead } from "../results/waiting.js";
import { t } from "../i18n.js";

/** Return what `read()` resolves to; null once the screen says that the server is out of reach or busy. */
export async function readOr(root, app, read) {
  try {
    return await read();
  } catch (problem) {
    if (!(problem instanceof Problem) || !passes(problem)) throw problem;
    const again = h(
      "button",
      { class: "button primary", type: "button", onclick: () => app.navigate(location.hash) },
      t("results.again"),
    );
    replace(root, dead(problem.status === 0 ? "offline" : "trouble", again));
    return null;
  }
}
