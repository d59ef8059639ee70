// What every page has: the menu of small screens, relative times, dialogs, copying, the way back to sign-in.
(() => {
  "use strict";
  const english = document.documentElement.lang === "en";
  const steps = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"], [Infinity, "year"]];
  const words = new Intl.RelativeTimeFormat(english ? "en" : "zh-CN", { numeric: "auto" });

  const relative = (moment) => {
    let amount = (moment - Date.now()) / 1000;
    for (const [size, unit] of steps) {
      if (Math.abs(amount) < size) return words.format(Math.round(amount), unit);
      amount /= size;
    }
    return "";
  };
  // Something asked for in the background was led to sign-in: the whole page goes there, and comes back to itself.
  window.toSignIn = (address) => {
    const door = new URL(address, location.href);
    door.searchParams.set("next", location.pathname + location.search);
    location.assign(door);
  };

  const dress = (root) => {
    for (const node of root.querySelectorAll("time[datetime]")) {
      const said = relative(new Date(node.dateTime));
      if (node.hasAttribute("data-relative")) node.textContent = said;
      else node.title = said;
    }
    for (const dialog of root.querySelectorAll("dialog[data-open]")) if (!dialog.open) dialog.showModal();
  };
  // A field that only one kind of search needs is there only for that kind.
  const fit = () => {
    const kind = document.getElementById("id_kind");
    for (const node of document.querySelectorAll("[data-for-kind]")) node.hidden = !kind || kind.value !== node.dataset.forKind;
  };
  document.addEventListener("change", (event) => event.target.id === "id_kind" && fit());
  document.addEventListener("DOMContentLoaded", () => {
    dress(document);
    fit();
  });
  document.addEventListener("htmx:afterSettle", (event) => dress(event.target));

  document.addEventListener("click", (event) => {
    const frame = document.querySelector(".frame");
    if (event.target.closest("[data-menu]")) {
      const open = frame.classList.toggle("open");
      event.target.closest("[data-menu]").setAttribute("aria-expanded", String(open));
      return;
    }
    if (frame && event.target === frame) frame.classList.remove("open");
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    const copier = event.target.closest("[data-copy]");
    if (copier && navigator.clipboard) {
      navigator.clipboard.writeText(copier.dataset.copy).then(() => copier.classList.add("copied"));
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
})();
