// Passkeys: a form marked data-passkey asks the browser to make or show one, and is sent with the answer.
// The options stand in the page, or are asked for where the form is sent to: a challenge each time.
(() => {
  "use strict";
  const english = document.documentElement.lang === "en";
  const said = (form, words) => {
    const note = form.querySelector("[data-passkey-note]");
    if (!note) return;
    note.textContent = words;
    note.hidden = false;
  };
  const options = async (form) => {
    const kept = document.getElementById("passkey-options");
    if (kept && form.dataset.passkey !== "enter") return JSON.parse(kept.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("options");
    return (await answer.json()).options;
  };
  const ask = async (form) => {
    const wanted = await options(form);
    const json = window.webauthnJSON;
    const answer = form.dataset.passkey === "make" ? await json.create(wanted) : await json.get(wanted);
    form.elements.credential.value = JSON.stringify(answer);
    form.submit();
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    try {
      await ask(form);
    } catch {
      // The browser has told the person why; here only what it means.
      said(form, english ? "No passkey was shown. Nothing has changed; try again." : "没有出示通行密钥，没有任何改动，可以重试。");
      if (button) button.disabled = false;
    }
  });
})();
