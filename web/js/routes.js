// Where everything is. A screen is loaded when it is first shown.
// `nav` is the key of its entry in the header; `guest` may be seen without signing in; `focus` hides the header's
// links, for screens that want to be left on purpose.

export const routes = [
  { path: "/", load: () => import("./screens/home.js"), nav: "common.nav.home", guest: true },
  { path: "/check", load: () => import("./screens/check.js") },
  { path: "/exam/:session", load: () => import("./screens/exam.js"), focus: true },
  { path: "/sample/:session", load: () => import("./screens/exam.js"), focus: true },
  { path: "/results/:session", load: () => import("./screens/results.js") },
  { path: "/training", load: () => import("./screens/training.js"), nav: "common.nav.training" },
  { path: "/plan", load: () => import("./screens/plan.js"), nav: "common.nav.plan" },
  { path: "/progress", load: () => import("./screens/progress.js"), nav: "common.nav.progress" },
  { path: "/settings", load: () => import("./screens/settings.js"), nav: "common.nav.settings" },
];
