// The interface in three languages: texts by area, numbers and dates by Intl.

import { uzbekDate } from "./uzbek_date.js";

export const LANGUAGES = { en: "English", uz: "Oʻzbekcha", ru: "Русский" };
const KEEP = "speakmate.language";
const LOCALES = { en: "en-GB", uz: "uz-Latn-UZ", ru: "ru-RU" };

let language = chosen();
const texts = new Map(); // "en/common" -> texts
const listeners = new Set();

function chosen() {
  const kept = localStorage.getItem(KEEP);
  if (kept in LANGUAGES) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? "en";
}

export const current = () => language;
export const locale = () => LOCALES[language];
/** Call `listener()` after the language has changed. */
export const onChange = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Load the texts of an area in the present language; a screen does so before it shows anything. */
export async function use(...areas) {
  document.documentElement.lang = language;
  await Promise.all(areas.map(load));
}

async function load(area) {
  const key = `${language}/${area}`;
  if (texts.has(key)) return;
  const response = await fetch(`/web/i18n/${key}.json`);
  if (!response.ok) throw new Error(`No texts at ${response.url}`);
  texts.set(key, await response.json());
}

/** Change the language of everything that is loaded. */
export async function choose(next) {
  const areas = [...texts.keys()]
    .filter((key) => key.startsWith(`${language}/`))
    .map((key) => key.split("/")[1]);
  language = next;
  localStorage.setItem(KEEP, next);
  await use(...areas);
  for (const listener of listeners) listener();
}

/**
 * The text at "area.some.key" with `{name}` filled in from `values`. A text with plural forms is an object by
 * Intl.PluralRules category and is chosen by `values.count`.
 */
export function t(path, values = {}) {
  const [area, ...keys] = path.split(".");
  let text = texts.get(`${language}/${area}`)?.[keys.join(".")];
  if (text && typeof text === "object")
    text = text[new Intl.PluralRules(locale()).select(values.count)] ?? text.other;
  if (text === undefined) throw new Error(`There is no text ${path} in ${language}.`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Whether there is a text of that name, for codes that a newer server may add to. */
export function has(path) {
  const [area, ...keys] = path.split(".");
  return texts.get(`${language}/${area}`)?.[keys.join(".")] !== undefined;
}

export const formatBand = (band) => (band === null ? "–" : band.toFixed(1));
export const formatNumber = (value, options) => new Intl.NumberFormat(locale(), options).format(value);
export const formatDate = (iso, options = { dateStyle: "medium" }) =>
  language === "uz"
    ? uzbekDate(new Date(iso), options)
    : new Intl.DateTimeFormat(locale(), options).format(new Date(iso));
/** Milliseconds as a clock shows them: 1:05. */
export function formatClock(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
