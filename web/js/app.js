// The page's entry: how people sign in here, the header, and the screen of the address.

import { api } from "./api.js";
import { h, replace } from "./dom.js";
import { drawHeader } from "./header.js";
import * as i18n from "./i18n.js";
import { t } from "./i18n.js";
import * as router from "./router.js";
import * as session from "./session.js";
import { announce, toast } from "./ui/toast.js";

const masthead = document.getElementById("masthead");
const view = document.getElementById("view");
const skip = document.getElementById("skip");
let route = null;

/** What every screen is given beside its root and its parameters. */
const app = {
  config: null,
  navigate: router.navigate,
  toast,
  announce,
  onroute(next) {
    route = next;
    drawHeader(masthead, route);
  },
};

function drawShell() {
  replace(skip, t("common.skip"));
  drawHeader(masthead, route);
}

skip.addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the address of a screen
  view.focus();
});

i18n.onChange(() => {
  drawShell();
  void router.refresh();
});
session.onChange((signedIn) => {
  drawHeader(masthead, route);
  if (signedIn) return;
  router.navigate("#/");
  // Without a connection the file may not come; what is kept then goes with the next visit.
  void import("./exam/unstored.js").then(({ forgetAll }) => forgetAll()).catch(() => undefined);
});

async function start() {
  const [config] = await Promise.all([api.get("config"), i18n.use("common")]);
  app.config = config;
  session.configure(config);
  drawShell();
  await router.start(view, app);
}

start().catch((problem) => {
  console.error(problem);
  replace(
    view,
    h("p", { class: "notice" }, "SpeakMate could not be loaded. Check the connection and reload the page."),
  );
});
