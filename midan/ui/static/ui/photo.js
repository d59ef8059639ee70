// Send the chosen picture as the request's body; what the server answers is the page's new state.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("photo-form");
    const file = document.getElementById("photo-file");
    const said = document.getElementById("photo-said");
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const chosen = file.files[0];
      if (!chosen || button.disabled) return;
      if (chosen.size > Number(form.dataset.most)) { said.textContent = form.dataset.large; return; }
      button.disabled = true;
      said.textContent = form.dataset.sending;
      try {
        const answer = await fetch(form.getAttribute("action"), {
          method: "POST",
          body: chosen,
          // The page says once that it is done: let the reload hear it, not this request.
          redirect: "manual",
          headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
        });
        if (answer.type === "opaqueredirect") { location.reload(); return; }
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fault = parsed.querySelector("#photo-result > *") || parsed.querySelector("main");
        document.getElementById("photo-result").replaceChildren(...(fault ? [fault] : []));
        said.textContent = "";
      } catch {
        said.textContent = form.dataset.broken;
      }
      button.disabled = false;
    });
  });
})();
