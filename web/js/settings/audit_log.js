// The learner's own log: what was done with their records, by whom and from which network.

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { formatDate, has, t } from "../i18n.js";
import { problemText } from "../ui/problem_text.js";

const AT_ONCE = 20;
const MINUTE = { dateStyle: "medium", timeStyle: "short" };

/** A button that shows the newest entries, and then older ones. */
export function auditLog() {
  let cursor = null;
  const rows = h("ul", { class: "list log", hidden: true });
  const note = h("p", { class: "small muted", role: "status" });
  const more = h(
    "button",
    { class: "button", type: "button", onclick: () => void read() },
    t("settings.audit.show"),
  );

  async function read() {
    if (more.getAttribute("aria-busy") === "true") return;
    more.setAttribute("aria-busy", "true");
    replace(note);
    try {
      const after = cursor === null ? "" : `&cursor=${cursor}`;
      const { items, next_cursor: next } = await api.get(`users/me/audit?limit=${AT_ONCE}${after}`);
      cursor = next;
      rows.append(...items.map(entry));
      rows.hidden = rows.children.length === 0;
      if (rows.hidden) replace(note, t("settings.audit.none"));
      more.hidden = cursor === null;
      replace(more, t("settings.audit.older"));
    } catch (problem) {
      replace(note, problemText(problem));
    } finally {
      more.removeAttribute("aria-busy");
    }
  }

  return h("div", { class: "stack" }, rows, note, h("div", {}, more));
}

function entry({ at, actor, action, details, origin }) {
  const known = `settings.audit.${action}`;
  const times = details.rows > 1 && t("settings.audit.times", { count: details.rows });
  return h(
    "li",
    {},
    h("span", {}, has(known) ? t(known) : action),
    h("span", { class: "small muted tabular" }, times),
    h(
      "span",
      { class: "where small muted" },
      [formatDate(at, MINUTE), t(`settings.audit.actor.${actor}`), origin].filter(Boolean).join(" · "),
    ),
  );
}
