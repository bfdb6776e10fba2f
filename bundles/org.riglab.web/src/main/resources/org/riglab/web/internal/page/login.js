const form = document.getElementById("login");
const token = document.getElementById("token");
const error = document.getElementById("error");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  error.textContent = "";
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: token.value.trim() }),
    });
    if (answer.ok) {
      location.replace(`/${location.hash}`);
      return;
    }
    error.textContent = (await answer.json()).error;
  } catch {
    error.textContent = "the server does not answer";
  }
  token.select();
});
