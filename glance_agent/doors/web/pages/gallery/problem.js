// What went wrong, and what to do; whoever is not signed in may sign in here.
import { signIn } from "./api.js";
import { button, byId, h } from "./dom.js";
import { refusal, T } from "./texts.js";

const AGAIN = 4000; // milliseconds
let timer = 0;

/** Say so in the place of the view, and `again` once it may work. */
export function problem(error, again) {
  clearTimeout(timer);
  if (error.status === 401) {
    byId("view").replaceChildren(door(error.refused));
    return;
  }
  const [said, hint] = error.code ? refusal(error) : [T.failed, T.failedHint];
  const shown = h(
    "div",
    { className: "quiet", role: "alert" },
    h("h2", {}, said),
    hint ? h("p", {}, hint) : null,
    button(T.again, again),
  );
  byId("view").replaceChildren(shown);
  const passes = !error.status || error.status >= 500 || error.status === 429;
  if (passes) timer = setTimeout(() => shown.isConnected && again(), AGAIN);
}

/** Where one signs in; `refused` is why what was brought along opens nothing. */
function door(refused) {
  const secret = h("input", { id: "secret", autocomplete: "off", required: true });
  const why = (error) => (error.status === 401 ? T.signInFailed : refusal(error)[0]);
  const said = h("p", { role: "alert" }, refused && why(refused));
  const form = h(
    "form",
    { className: "quiet" },
    h("h2", {}, T.signIn),
    h("p", {}, T.signInHint),
    h("label", { htmlFor: "secret" }, T.token),
    secret,
    h("button", { type: "submit" }, T.signInNow),
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      await signIn(secret.value.trim());
    } catch (error) {
      said.textContent = why(error);
      return;
    }
    location.reload();
  });
  return form;
}
