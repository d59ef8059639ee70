// The dialog that asks for one field of a waybill: what for, and why.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const dialog = document.getElementById("reveal");
    if (!dialog) return;
    const form = document.getElementById("reveal-form");
    const purpose = document.getElementById("purpose");
    const reason = document.getElementById("reason");
    const every = [...reason.options];
    const fit = () => reason.replaceChildren(...every.filter((one) => one.dataset.purpose === purpose.value));
    purpose.addEventListener("change", fit);
    fit();

    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-reveal]");
      if (!button) return;
      document.getElementById("reveal-field").value = button.dataset.reveal;
      document.getElementById("reveal-name").textContent = button.dataset.title;
      dialog.showModal();
    });
    // The history and what is left of the day change with every question; neither holds a value.
    const refresh = async () => {
      const response = await fetch(location.href).catch(() => null);
      if (!response || !response.ok || response.redirected) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const id of ["history", "left"]) {
        const now = fresh.getElementById(id);
        if (now) document.getElementById(id).replaceWith(now);
      }
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      const slot = document.getElementById(`slot-${body.get("field")}`);
      dialog.close();
      if (await window.openedValues.ask(form.action, body, slot)) await refresh();
    });
  });
})();
