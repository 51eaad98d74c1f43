// The first screen: sign in, or choose what to practise.

import { h, replace, stylesheet } from "../dom.js";
import { use } from "../i18n.js";
import * as session from "../session.js";

export async function show(root, _params, app) {
  await Promise.all([use("exam"), stylesheet("home")]);
  async function draw() {
    const part = session.signedIn() ? await import("./choose.js") : await import("./sign_in.js");
    replace(root, h("div", { class: "home" }, await part.draw(app)));
  }
  await draw();
  return session.onChange(() => void draw());
}
