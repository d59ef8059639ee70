// One tap shows one value of one parcel. Nothing is kept on the phone: without a network the page says so and asks nothing.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const offline = document.getElementById("offline");
    const network = () => {
      if (offline) offline.hidden = navigator.onLine;
      for (const button of document.querySelectorAll("[data-tap] button, [data-online] button")) {
        button.disabled = !navigator.onLine;
      }
    };
    addEventListener("online", network);
    addEventListener("offline", network);
    network();

    document.addEventListener("submit", async (event) => {
      const form = event.target.closest("[data-tap]");
      if (!form) return;
      event.preventDefault();
      const button = form.querySelector("button");
      if (button.disabled) return;
      // A second tap while the first is under way would be a second entry of the log.
      button.disabled = true;
      form.closest(".parcel").append(document.getElementById("reveal-answer"));
      const body = new URLSearchParams(new FormData(form));
      await window.openedValues.ask(form.action, body, document.getElementById(form.dataset.tap));
      network();
    });
  });
})();
