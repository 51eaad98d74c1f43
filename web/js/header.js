// The masthead: where one is, language, colours, account.

import { h, icon, replace } from "./dom.js";
import * as i18n from "./i18n.js";
import { t } from "./i18n.js";
import { routes } from "./routes.js";
import * as session from "./session.js";
import * as theme from "./theme.js";

/** Draw the header into `root` for the route that is shown. */
export function drawHeader(root, route) {
  const links = session.signedIn() ? routes.filter((one) => one.nav) : [];
  replace(
    root,
    h("a", { class: "brand", href: "#/" }, icon("wave"), h("span", {}, "SpeakMate")),
    links.length > 1 &&
      h(
        "nav",
        { class: "nav", "aria-label": t("common.nav.label") },
        links.map((one) =>
          h("a", { href: `#${one.path}`, "aria-current": one === route ? "page" : null }, t(one.nav)),
        ),
      ),
    h("div", { class: "masthead-tools" }, languages(), colours(), account()),
  );
  // on a phone the links are wider than the window
  root.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The code is what is seen; the browser's own list, which names the languages, lies over it. */
function languages() {
  const select = h(
    "select",
    { "aria-label": t("common.language"), onchange: () => void i18n.choose(select.value) },
    Object.entries(i18n.LANGUAGES).map(([tag, name]) =>
      h("option", { value: tag, lang: tag, selected: tag === i18n.current() }, name),
    ),
  );
  return h(
    "span",
    { class: "language" },
    h("span", { "aria-hidden": "true" }, i18n.current().toUpperCase()),
    icon("chevron-down"),
    select,
  );
}

function colours() {
  const button = h("button", { class: "icon-button", type: "button", onclick: () => draw(theme.toggle()) });
  const draw = (shown) => {
    button.setAttribute("aria-label", t(shown === "dark" ? "common.theme.to_light" : "common.theme.to_dark"));
    replace(button, icon(shown === "dark" ? "sun" : "moon"));
  };
  draw(theme.shown());
  return button;
}

function account() {
  if (!session.signedIn()) return null;
  if (session.isSample()) {
    return h(
      "button",
      { class: "button plain", type: "button", "data-account": true, onclick: leaveSample },
      t("common.leave_sample"),
    );
  }
  return h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": t("common.sign_out"),
      "data-account": true,
      onclick: () => session.signOut(),
    },
    icon("sign-out"),
  );
}

function leaveSample() {
  location.hash = "#/"; // what is on the screen is the sample's
  session.leaveSample();
}
