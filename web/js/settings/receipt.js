// The receipt of an erasure: how much was erased, and the number by which it can be found again.

import { h } from "../dom.js";
import { formatDate, formatNumber, t } from "../i18n.js";

const KINDS = ["sessions", "turns", "training_cards"];

/** `receipt` is what `DELETE users/me` answers. */
export function receiptList({ receipt_id: id, erased_at: at, finished_at: finished, rows, files }) {
  const inAll = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return [
    h(
      "dl",
      { class: "receipt" },
      line("id", id),
      line("at", formatDate(at, { dateStyle: "medium", timeStyle: "medium" })),
      KINDS.map((kind) => rows[kind] > 0 && line(kind, formatNumber(rows[kind]))),
      line("rows", formatNumber(inAll)),
      finished !== null && line("files", formatNumber(files)),
    ),
    finished === null && h("p", { class: "small muted" }, t("settings.receipt.files_left")),
  ];
}

function line(name, value) {
  return h("div", {}, h("dt", {}, t(`settings.receipt.${name}`)), h("dd", { class: "tabular" }, value));
}
