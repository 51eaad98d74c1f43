// Bands over sessions: a point with its range for each, the newest on the right.

import { h, svg } from "../dom.js";
import { formatBand, formatDate, t } from "../i18n.js";

const HEIGHT = 200;
const PAD = { left: 30, right: 14, top: 14, bottom: 30 };
const WIDTHS = { phone: 330, desk: 640 };
const WIDEST_STEP = 130;
const MOST = 10;
const EXAMS = (item) => item.mode !== "practice";

/**
 * Return the sessions of `GET sessions` that can be held against each other, oldest first, at most ten: exams with a
 * band that were scored by the method of the newest one.
 */
export function comparable(items) {
  const scored = items.filter(
    (item) => EXAMS(item) && item.overall_band !== null && item.analysis_status === "done",
  );
  return scored
    .filter((item) => item.method_version === scored[0].method_version)
    .slice(0, MOST)
    .reverse();
}

/** A figure of at least two `points` as `comparable` gives them; `shown` is the id of the session looked at. */
export function bandChart(points, shown = null) {
  const wide = window.matchMedia("(min-width: 48rem)").matches;
  const width = wide ? WIDTHS.desk : WIDTHS.phone;
  const [low, high] = bounds(points);
  const step = Math.min(WIDEST_STEP, (width - PAD.left - PAD.right - 48) / Math.max(1, points.length - 1));
  const x = (n) => PAD.left + 24 + n * step;
  const y = (band) => PAD.top + ((high - band) / (high - low)) * (HEIGHT - PAD.top - PAD.bottom);
  const day = (item) => formatDate(item.ended_at ?? item.created_at, { day: "numeric", month: "short" });
  const every = Math.ceil(points.length / (wide ? 10 : 5));
  const drawing = svg(
    "svg",
    {
      class: "bands-chart",
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": t("results.history.chart"),
    },
    Array.from({ length: high - low + 1 }, (_, n) => low + n).map((band) => [
      svg("line", { class: "chart-grid", x1: PAD.left, x2: width - PAD.right, y1: y(band), y2: y(band) }),
      svg("text", { class: "chart-text", x: PAD.left - 10, y: y(band) + 4, "text-anchor": "end" }, band),
    ]),
    points.map((item, n) =>
      item.band_low === null
        ? null
        : svg("line", {
            class: "chart-range",
            x1: x(n),
            x2: x(n),
            y1: y(item.band_low),
            y2: y(item.band_high),
          }),
    ),
    svg("polyline", {
      class: "chart-line",
      points: points.map((item, n) => `${x(n).toFixed(1)},${y(item.overall_band).toFixed(1)}`).join(" "),
    }),
    points.map((item, n) => [
      svg("circle", {
        class: item.id === shown ? "chart-point shown" : "chart-point",
        cx: x(n),
        cy: y(item.overall_band),
        r: item.id === shown ? 6 : 4.5,
      }),
      (points.length - 1 - n) % every === 0
        ? svg("text", { class: "chart-text", x: x(n), y: HEIGHT - 8, "text-anchor": "middle" }, day(item))
        : null,
    ]),
  );
  return h(
    "figure",
    { class: "figure" },
    drawing,
    h("figcaption", { class: "small muted" }, t("results.history.caption")),
    h("details", { class: "figure-table" }, h("summary", {}, t("results.as_table")), table(points)),
  );
}

function bounds(points) {
  const lows = points.map((item) => item.band_low ?? item.overall_band);
  const highs = points.map((item) => item.band_high ?? item.overall_band);
  return [
    Math.max(0, Math.floor(Math.min(...lows))),
    Math.min(9, Math.ceil(Math.max(...highs, Math.min(...lows) + 2))),
  ];
}

function table(points) {
  return h(
    "div",
    { class: "table-wrap" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["session", "band", "range"].map((name) => h("th", { scope: "col" }, t(`results.history.${name}`))),
        ),
      ),
      h(
        "tbody",
        {},
        points.map((item) =>
          h(
            "tr",
            {},
            h(
              "th",
              { scope: "row" },
              h("a", { href: `#/results/${item.id}` }, formatDate(item.ended_at ?? item.created_at)),
            ),
            h("td", {}, formatBand(item.overall_band)),
            h(
              "td",
              {},
              item.band_low === null ? "–" : `${formatBand(item.band_low)}–${formatBand(item.band_high)}`,
            ),
          ),
        ),
      ),
    ),
  );
}
