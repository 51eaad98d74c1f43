// The learner's settings: profile, languages, and what belongs to them, to take along or to delete.

import { api } from "../api.js";
import { h, replace, stylesheet } from "../dom.js";
import * as i18n from "../i18n.js";
import { t } from "../i18n.js";
import * as explanations from "../results/explanations.js";
import * as session from "../session.js";
import { auditLog } from "../settings/audit_log.js";
import { deleteAccount } from "../settings/delete_account.js";
import { myData } from "../settings/my_data.js";
import { field, selected } from "../training/fields.js";
import * as outbox from "../training/outbox.js";
import { readOr } from "../training/reading.js";
import { problemText } from "../ui/problem_text.js";

const BANDS = Array.from({ length: 11 }, (_, n) => 4 + n / 2);
const SCHEDULERS = ["sm2", "fsrs"];
const NATIVE = ["uz", "ru", "kk", "ky", "tg", "tk", "en"];

export async function show(root, _params, app) {
  await Promise.all([i18n.use("settings", "results"), ...["results", "settings"].map(stylesheet)]);
  const profile = await readOr(root, app, () => api.get("users/me"));
  if (profile === null) return () => undefined;
  replace(
    root,
    h(
      "div",
      { class: "settings stack-l narrow" },
      h("h1", {}, t("settings.title")),
      profileForm(profile, app),
      section("yours", t("settings.yours"), t("settings.yours.text"), myData()),
      section("log", t("settings.audit"), t("settings.audit.text"), auditLog()),
      section("delete", t("settings.delete"), t("settings.delete.text"), deleteAccount(app, forgetLearner)),
    ),
  );
  return () => undefined;
}

/** Nothing of an erased learner stays in this browser. */
async function forgetLearner() {
  for (const answer of await outbox.waiting()) await outbox.drop(answer.attemptId);
  session.forget();
}

function section(id, title, text, ...children) {
  return h(
    "section",
    { class: "stack", "aria-labelledby": id },
    h("h2", { id }, title),
    h("p", { class: "muted" }, text),
    children,
  );
}

function profileForm(profile, app) {
  const native = NATIVE.includes(profile.native_language) ? NATIVE : [profile.native_language, ...NATIVE];
  const names = new Intl.DisplayNames([i18n.locale()], { type: "language" });
  const aim = profile.target_band;
  const aims = aim === null || BANDS.includes(aim) ? BANDS : [aim, ...BANDS];
  const explained = explanations.chosen(profile);
  const inputs = {
    display_name: h("input", {
      class: "input",
      id: "display_name",
      maxlength: 80,
      value: profile.display_name ?? "",
      autocomplete: "name",
    }),
    native_language: selected(
      "native_language",
      native.map((tag) => [tag, names.of(tag)]),
      profile.native_language,
    ),
    interface_language: selected("interface_language", Object.entries(explanations.EXPLAINED_IN), explained),
    target_band: selected(
      "target_band",
      [["", t("settings.no_aim")], ...aims.map((band) => [String(band), band.toFixed(1)])],
      aim === null ? "" : String(aim),
    ),
    exam_date: h("input", { class: "input", id: "exam_date", type: "date", value: profile.exam_date ?? "" }),
    time_zone: selected(
      "time_zone",
      zones(profile.time_zone).map((zone) => [zone, zone.replaceAll("_", " ")]),
      profile.time_zone,
    ),
    scheduler: selected(
      "scheduler",
      SCHEDULERS.map((one) => [one, t(`settings.scheduler.${one}`)]),
      profile.scheduler,
    ),
  };
  const note = h("p", { role: "status", class: "small muted" });
  const save = h("button", { class: "button primary", type: "submit" }, t("settings.save"));
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const hints = {
    interface_language: t("settings.interface_language.hint"),
    time_zone: here === profile.time_zone ? null : t("settings.time_zone.hint", { zone: here }),
  };

  async function submit(event) {
    event.preventDefault();
    if (save.getAttribute("aria-busy") === "true") return;
    const changes = changed(profile, inputs, explained);
    if (Object.keys(changes).length === 0) {
      replace(note, t("settings.unchanged"));
      return;
    }
    save.setAttribute("aria-busy", "true");
    try {
      Object.assign(profile, await api.patch("users/me", changes));
      if (changes.interface_language) explanations.choose(changes.interface_language);
      replace(note, t("settings.saved"));
    } catch (problem) {
      replace(note, problem.status === 422 ? t("settings.refused") : problemText(problem));
    } finally {
      save.removeAttribute("aria-busy");
    }
  }

  return h(
    "form",
    { class: "settings-form", onsubmit: (event) => void submit(event), novalidate: true },
    Object.entries(inputs).map(([name, input]) => field(name, t(`settings.${name}`), input, hints[name])),
    h("div", { class: "row" }, save, note),
  );
}

/** The fields that were changed, as the API takes them; an empty name, aim or date is cleared. */
function changed(profile, inputs, explained) {
  const value = (name) =>
    (inputs[name].matches("input") ? inputs[name] : inputs[name].querySelector("select")).value;
  const now = {
    display_name: value("display_name").trim() || null,
    native_language: value("native_language"),
    interface_language: value("interface_language"),
    target_band: value("target_band") === "" ? null : Number(value("target_band")),
    exam_date: value("exam_date") || null,
    time_zone: value("time_zone"),
    scheduler: value("scheduler"),
  };
  const before = {
    ...profile,
    interface_language:
      profile.interface_language.slice(0, 2) === explained ? explained : profile.interface_language,
  };
  return Object.fromEntries(Object.entries(now).filter(([name, one]) => one !== before[name]));
}

function zones(own) {
  const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return known.includes(own) ? known : [own, ...known];
}
