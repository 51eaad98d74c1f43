// Sign in: one click on a development server; a password or a one-time code from Supabase.

import { h, icon, replace } from "../dom.js";
import { t } from "../i18n.js";
import * as session from "../session.js";
import { problemText } from "../ui/problem_text.js";

export async function draw(app) {
  return h(
    "div",
    { class: "welcome" },
    h(
      "div",
      { class: "stack-l" },
      h(
        "div",
        { class: "stack" },
        h("h1", {}, t("exam.welcome.title")),
        h("p", { class: "lead" }, t("exam.welcome.text")),
      ),
      app.config.sign_in.kind === "supabase" ? withEmail() : asGuest(app),
    ),
    h(
      "ol",
      { class: "steps" },
      ["talk", "see", "train"].map((step) =>
        h(
          "li",
          {},
          h("h2", {}, t(`exam.welcome.${step}.title`)),
          h("p", { class: "muted" }, t(`exam.welcome.${step}.text`)),
        ),
      ),
    ),
  );
}

function asGuest(app) {
  if (app.config.sign_in.kind === "none") return h("p", { class: "notice" }, t("exam.sign_in.none"));
  const failed = h("div", { role: "alert" });
  const button = h(
    "button",
    { class: "button primary large", type: "button" },
    t("exam.sign_in.guest"),
    icon("arrow-right"),
  );
  button.addEventListener("click", () =>
    attempt(button, failed, () => session.signInAsGuest(t("exam.sign_in.guest_name"))),
  );
  return h(
    "div",
    { class: "stack" },
    h("div", {}, button),
    failed,
    h("p", { class: "muted small" }, t("exam.sign_in.guest_hint")),
  );
}

function withEmail() {
  const failed = h("div", { role: "alert" });
  const email = input("email", "email", "username");
  const password = input("password", "password", "current-password");
  const code = input("code", "text", "one-time-code");
  code.querySelector("input").inputMode = "numeric";
  const submit = h("button", { class: "button primary", type: "submit" });
  const other = h("button", { class: "button plain", type: "button" });
  const secret = h("div");
  let way = "password";
  let sent = false;

  function drawWay() {
    replace(secret, way === "password" ? password : sent ? code : null);
    replace(
      submit,
      t(way === "password" ? "exam.sign_in.enter" : sent ? "exam.sign_in.enter" : "exam.sign_in.send_code"),
    );
    replace(other, t(way === "password" ? "exam.sign_in.by_code" : "exam.sign_in.by_password"));
    replace(failed);
  }

  other.addEventListener("click", () => {
    way = way === "password" ? "code" : "password";
    sent = false;
    drawWay();
  });

  async function enter(event) {
    event.preventDefault();
    const address = email.querySelector("input").value.trim();
    await attempt(submit, failed, async () => {
      if (way === "password")
        await session.signInWithPassword(address, password.querySelector("input").value);
      else if (sent) await session.signInWithCode(address, code.querySelector("input").value.trim());
      else {
        await session.sendCode(address);
        sent = true;
        drawWay();
        code.querySelector("input").focus();
      }
    });
  }

  drawWay();
  return h(
    "form",
    { class: "card stack sign-in", onsubmit: enter },
    email,
    secret,
    failed,
    h("div", { class: "row" }, submit, other),
  );
}

function input(name, type, autocomplete) {
  const id = `sign-in-${name}`;
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, t(`exam.sign_in.${name}`)),
    h("input", { class: "input", id, type, autocomplete, required: true }),
  );
}

async function attempt(button, failed, act) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  replace(failed);
  try {
    await act();
  } catch (problem) {
    replace(failed, h("p", { class: "notice bad" }, icon("warning"), problemText(problem)));
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}
