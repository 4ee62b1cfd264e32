// Says what the agent answers, and asks it for another picture.
const status = document.getElementById("status");
const next = document.getElementById("next");

async function ask(verb) {
  try {
    const reply = await fetch(`api/command/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    status.textContent = (await reply.json()).message;
    next.hidden = reply.status === 401;
  } catch {
    status.textContent = "The agent does not answer.";
  }
}

next.addEventListener("click", () => ask("next"));
ask("describe");
