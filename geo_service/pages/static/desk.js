// What the pages gain from scripts beside htmx; without them every page is whole.
"use strict";

// On a narrow screen the main columns fold behind a button; without this script they stay open.
const menuButton = document.querySelector(".menu-button");
if (menuButton) {
  const menu = document.getElementById(menuButton.getAttribute("aria-controls"));
  const show = (open) => {
    menuButton.setAttribute("aria-expanded", String(open));
    menu.classList.toggle("folded", !open);
  };
  menuButton.hidden = false;
  show(false);
  menuButton.addEventListener("click", () => show(menuButton.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menuButton.getAttribute("aria-expanded") === "true") {
      show(false);
      menuButton.focus();
    }
  });
}
