// The language that mistakes are explained in: English or Uzbek, whatever the language of the page.

import { h } from "../dom.js";
import * as i18n from "../i18n.js";
import { t } from "../i18n.js";

const KEEP = "speakmate.explanations";
export const EXPLAINED_IN = { en: "English", uz: "Oʻzbekcha" };

/** The language chosen on this device; else Uzbek where the page or the profile is in Uzbek, else English. */
export function chosen(profile = null) {
  const kept = localStorage.getItem(KEEP);
  if (kept in EXPLAINED_IN) return kept;
  return i18n.current() === "uz" || profile?.interface_language?.startsWith("uz") ? "uz" : "en";
}

export const choose = (language) => localStorage.setItem(KEEP, language);

/** A text as an element in `language` where there is one in it, else in English. */
export function explained(tag, attributes, english, uzbek, language) {
  const inUzbek = language === "uz" && Boolean(uzbek);
  return h(tag, { ...attributes, lang: inUzbek ? "uz" : "en" }, inUzbek ? uzbek : english);
}

/** The two languages to choose from; `onchange(language)` is told the choice. */
export function languageChoice(language, onchange) {
  return h(
    "fieldset",
    { class: "toggle" },
    h("legend", {}, t("results.explained_in")),
    Object.entries(EXPLAINED_IN).map(([tag, name]) =>
      h(
        "label",
        { class: "toggle-option", lang: tag },
        h("input", {
          type: "radio",
          name: "explanations",
          value: tag,
          checked: tag === language,
          onchange: () => {
            choose(tag);
            onchange(tag);
          },
        }),
        h("span", {}, name),
      ),
    ),
  );
}
