// `/` search, `g` then a letter goes to a room, `?` shows the keys. Never while somebody types.
(() => {
  "use strict";
  let going = 0;
  const typing = (node) => node.closest("input, textarea, select, [contenteditable], dialog[open]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      const door = document.querySelector("[data-search-link]");
      event.preventDefault();
      if (box) box.focus();
      else if (door) door.click();
    } else if (event.key === "?") {
      const help = document.getElementById("keys");
      if (help && !help.open) help.showModal();
    } else if (event.key === "g") {
      going = Date.now();
      return;
    } else if (Date.now() - going < 1500) {
      const room = document.querySelector(`.room[data-key="${CSS.escape(event.key)}"]`);
      if (room) room.click();
    }
    going = 0;
  });
})();
