// What can go wrong between the page and the server, as one kind of error.

/** A refusal by the server (RFC 9457), or `status` 0 when it could not be reached. */
export class Problem extends Error {
  constructor({ status = 0, code = "unreachable", detail = "", title = "", retryAfterS = null }) {
    super(detail || title || code);
    this.name = "Problem";
    Object.assign(this, { status, code, detail, title, retryAfterS });
  }

  static async from(response) {
    const document = await response.json().catch(() => ({}));
    const retryAfter = Number(response.headers.get("Retry-After"));
    return new Problem({
      status: response.status,
      code: document.code ?? "unexpected_answer",
      detail: document.detail ?? "",
      title: document.title ?? response.statusText,
      retryAfterS: retryAfter > 0 ? retryAfter : null,
    });
  }
}
