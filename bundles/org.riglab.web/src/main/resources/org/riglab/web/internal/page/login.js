const form = document.getElementById("login");
const token = document.getElementById("token");
const error = document.getElementById("error");

async function signIn(body) {
  error.textContent = "";
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      location.replace(`/${location.hash}`);
      return;
    }
    const refusal = (await answer.json()).error;
    // Who follows a link again in a browser that is signed in already gets there.
    if (body.once && (await fetch("/api/v1/session")).ok) {
      location.replace("/");
      return;
    }
    error.textContent = refusal;
  } catch {
    error.textContent = "the server does not answer";
  }
  token.select();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn({ token: token.value.trim() });
});

// A link that signs in once, of `rig server --open`: it leaves the address and the history.
function follow() {
  const once = location.hash.match(/^#once=([\w-]+)$/);
  if (!once) return;
  history.replaceState(null, "", "/login");
  signIn({ once: once[1] });
}
addEventListener("hashchange", follow);
follow();
