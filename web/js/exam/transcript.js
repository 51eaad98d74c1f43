// What was said, as it is understood: the newest line at the end, and in view unless somebody has scrolled up.

import { h, replace } from "../dom.js";
import { t } from "../i18n.js";

const NEAR_PX = 80;

export class Transcript {
  #list = h("ol", { class: "lines" });
  #empty = h("p", { class: "muted" });
  #shown = new Map(); // id -> {item, text, words}

  constructor() {
    this.element = h(
      "section",
      { class: "transcript", "aria-label": t("exam.transcript.label"), tabindex: "0" },
      h("h2", { class: "eyebrow" }, t("exam.transcript.label")),
      this.#empty,
      this.#list,
    );
  }

  draw(lines, { examiner, sample }) {
    const follow = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < NEAR_PX;
    const wanted = lines.filter((line) => line.text && (examiner || line.who === "learner"));
    const ids = new Set(wanted.map((line) => line.id));
    for (const [id, { item }] of this.#shown) {
      if (ids.has(id)) continue;
      item.remove();
      this.#shown.delete(id);
    }
    let before = null;
    for (const line of wanted) {
      const known = this.#shown.get(line.id) ?? this.#make(line, sample);
      if (known.words.textContent !== line.text) replace(known.words, line.text);
      known.item.dataset.open = String(line.open);
      const place = before ? before.nextSibling : this.#list.firstChild;
      if (place !== known.item) this.#list.insertBefore(known.item, place);
      before = known.item;
    }
    replace(this.#empty, wanted.length ? null : t("exam.transcript.empty"));
    this.#empty.hidden = wanted.length > 0;
    if (follow) this.element.scrollTop = this.element.scrollHeight;
  }

  #make(line, sample) {
    const words = h("span", { class: "words", lang: "en" });
    const who = line.who === "examiner" ? "examiner" : sample ? "learner" : "you";
    const item = h(
      "li",
      { class: `line ${line.who}` },
      h("span", { class: "who" }, t(`exam.transcript.${who}`)),
      words,
    );
    const made = { item, words };
    this.#shown.set(line.id, made);
    return made;
  }
}
