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

// Where the pages of a column do not fit side by side, the one that is open is brought into sight.
const openPage = document.querySelector(".below [aria-current]");
if (openPage) {
  openPage.closest("ul").scrollLeft = openPage.offsetLeft - 16;
}

// A sheet is printed by a button where scripts run, else by the menu of the browser.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A slider over days sets the date field it belongs to; without this script the field alone is there.
const DAY_MS = 86400000;
const dayNumber = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
const dayText = (number) => new Date(number * DAY_MS).toISOString().slice(0, 10);
for (const slider of document.querySelectorAll("input[data-sets]")) {
  const day = document.getElementById(slider.dataset.sets);
  slider.min = dayNumber(slider.dataset.first);
  slider.max = dayNumber(slider.dataset.last);
  for (const option of slider.list ? slider.list.options : []) {
    option.value = dayNumber(option.dataset.day);
  }
  const follow = () => {
    slider.value = dayNumber(day.value);
    slider.setAttribute("aria-valuetext", day.value);
  };
  follow();
  slider.addEventListener("input", () => {
    day.value = dayText(Number(slider.value));
    slider.setAttribute("aria-valuetext", day.value);
  });
  day.addEventListener("change", follow);
  slider.closest(".slide").hidden = false;
}

// What is wider than the screen can be scrolled by keyboard too.
const reached = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) {
      target.tabIndex = 0;
    } else {
      target.removeAttribute("tabindex");
    }
  }
});
const reach = (part) => part.querySelectorAll(".scroll:not([tabindex])").forEach((each) => reached.observe(each));

// The title of a column stands over its figures; where a narrow screen stacks the cells of a row, each
// says the title of its column, which is out of sight there.
const entitle = (part) => {
  for (const table of part.querySelectorAll("table")) {
    const titles = [...table.querySelectorAll("thead th")];
    for (const row of table.tBodies.length ? table.tBodies[0].rows : []) {
      let column = 0;
      for (const cell of row.cells) {
        const title = titles[column];
        column += cell.colSpan;
        if (!title || cell.tagName !== "TD") {
          continue;
        }
        title.classList.toggle("figure", cell.classList.contains("figure"));
        if (table.classList.contains("stacked") && !cell.dataset.title && cell.innerText.trim()) {
          cell.dataset.title = title.innerText.trim();
        }
      }
    }
  }
};
const dress = (part) => {
  reach(part);
  entitle(part);
};
dress(document);
document.addEventListener("htmx:load", (event) => dress(event.target));
