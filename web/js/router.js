// Hash routes: a screen is shown, and left before the next one.

import { h, replace } from "./dom.js";
import { t } from "./i18n.js";
import { routes } from "./routes.js";
import * as session from "./session.js";

let root = null;
let app = null;
let leave = null;
let shown = 0;

/** Show the screen of the address in `view`, now and whenever the address changes. */
export function start(view, given) {
  root = view;
  app = given;
  window.addEventListener("hashchange", () => void show());
  return show();
}

export function navigate(hash) {
  if (location.hash === hash) void show();
  else location.hash = hash;
}

/** Show the present screen anew, in another language for instance. */
export const refresh = () => show({ moveFocus: false });

/** The route of an address and what it names, or null: `#/exam/{session}` gives {session}. */
export function match(hash) {
  const parts = (hash.replace(/^#/, "") || "/").split("?")[0].split("/").slice(1);
  for (const route of routes) {
    const pattern = route.path.split("/").slice(1);
    if (pattern.length !== parts.length) continue;
    const params = {};
    const fits = pattern.every((piece, i) => {
      if (!piece.startsWith(":")) return piece === parts[i];
      params[piece.slice(1)] = decodeURIComponent(parts[i]);
      return parts[i] !== "";
    });
    if (fits) return { route, params };
  }
  return null;
}

async function show({ moveFocus = shown > 0 } = {}) {
  const number = ++shown;
  const found = match(location.hash);
  if (!found || (!found.route.guest && !session.signedIn())) {
    location.replace("#/");
    return;
  }
  await leave?.();
  leave = null;
  app.onroute(found.route);
  document.body.dataset.focus = String(Boolean(found.route.focus));
  try {
    const screen = await found.route.load();
    if (number !== shown) return;
    const stage = h("div", { class: "screen" });
    const left = await screen.show(stage, found.params, app);
    if (number !== shown) {
      await left?.();
      return;
    }
    leave = left;
    replace(root, stage);
  } catch (problem) {
    if (number !== shown) return;
    console.error(problem);
    replace(root, failure());
  }
  const heading = root.querySelector("h1");
  document.title = heading ? `${heading.textContent} · SpeakMate` : "SpeakMate";
  if (moveFocus) {
    heading?.setAttribute("tabindex", "-1");
    (heading ?? root).focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

function failure() {
  return h(
    "section",
    { class: "screen stack" },
    h("h1", {}, t("common.failed.title")),
    h("p", { class: "muted" }, t("common.failed.text")),
    h(
      "div",
      {},
      h("button", { class: "button", onclick: () => location.reload() }, t("common.failed.again")),
    ),
  );
}
