/* Two copies of boundary lines on one map: a slider parts them. The tables below say it in words. */
"use strict";

(function () {
  const root = document.getElementById("swipe");
  const words = JSON.parse(document.getElementById("swipe-words").textContent);
  const state = root.querySelector(".map-state");
  const slide = root.querySelector(".swipe-slide");
  const slider = slide.querySelector("input");
  const edge = root.querySelector(".swipe-edge");
  const ways = [...root.querySelectorAll("input[name=shown]")];
  const FAR = 1e5; // pixels: beyond any map

  function stroke(look) {
    return { color: look.color, weight: look.weight, dashArray: look.dash, fill: false };
  }

  function told(feature) {
    const text = document.createElement("span");
    const { name, code, copy } = feature.properties;
    const figures = ["chainage", "largest"]
      .filter((word) => feature.properties[word])
      .map((word) => `${words[word]} ${feature.properties[word]}`);
    text.textContent = [name, code, copy, ...figures].filter(Boolean).join(" · ");
    return text;
  }

  function layer(map, pane, features, look) {
    map.createPane(pane).style.zIndex = pane === "stretches" ? 450 : 420;
    return L.geoJSON(features, {
      pane: pane,
      renderer: L.svg({ pane: pane, padding: 1 }),
      style: look,
      pointToLayer: (_, place) => L.circleMarker(place, { radius: 4 }),
      onEachFeature: (feature, drawn) => drawn.bindPopup(told(feature)),
    }).addTo(map);
  }

  function start(data) {
    const map = L.map("swipe-map", { attributionControl: false, zoomAnimation: false });
    const strokes = data.strokes;
    layer(map, "copy-a", data.a, stroke(strokes.copy_a));
    layer(map, "copy-b", data.b, stroke(strokes.copy_b));
    const stretches = layer(map, "stretches", data.stretches, (feature) => ({
      ...stroke(feature.properties.alone ? strokes.alone : strokes.departure),
      opacity: 0.6,
    }));
    L.control.scale({ imperial: false }).addTo(map);
    map.fitBounds(data.bounds);

    const way = () => ways.find((box) => box.checked).value;
    const clip = (pane, from, to) => {
      map.getPane(pane).style.clipPath =
        `polygon(${from}px ${-FAR}px, ${to}px ${-FAR}px, ${to}px ${FAR}px, ${from}px ${FAR}px)`;
    };
    const show = (asked) => {
      const swiping = asked === "swipe";
      const width = map.getSize().x;
      const at = (width * Number(slider.value)) / 100;
      const edgeAt = map.containerPointToLayerPoint([at, 0]).x;
      const hidden = { a: asked === "b", b: asked === "a" };
      for (const copy of ["a", "b"]) {
        const pane = map.getPane(`copy-${copy}`);
        pane.style.display = hidden[copy] ? "none" : "";
      }
      clip("copy-a", -FAR, swiping ? edgeAt : FAR);
      clip("copy-b", swiping ? edgeAt : -FAR, FAR);
      edge.hidden = !swiping;
      edge.style.left = `${at}px`;
      slide.hidden = !swiping;
      slider.setAttribute("aria-valuetext", words.slider_value.replace("{left}", slider.value));
    };
    const follow = () => show(way());
    slider.addEventListener("input", follow);
    ways.forEach((box) => box.addEventListener("change", follow));
    map.on("move zoom resize viewreset", follow);
    root.querySelector("input[name=stretches]").addEventListener("change", (event) => {
      map.getPane("stretches").style.display = event.target.checked ? "" : "none";
    });
    // Paper has no slider: both copies are printed, whole, in a frame of the width of A4.
    const frame = root.querySelector(".swipe-frame");
    let seen = null;
    const resize = (width) => {
      frame.style.width = width;
      map.invalidateSize({ animate: false, pan: false });
    };
    addEventListener("beforeprint", () => {
      seen = seen || [map.getCenter(), map.getZoom()];
      frame.classList.add("paper");
      resize("17.5cm");
      map.fitBounds(data.bounds, { animate: false });
      show("both");
    });
    addEventListener("afterprint", () => {
      frame.classList.remove("paper");
      resize("");
      map.setView(...seen, { animate: false });
      seen = null;
      follow();
    });

    for (const button of document.querySelectorAll("[data-stretch]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const found = stretches.getLayers().find((one) => one.feature.id === button.dataset.stretch);
        const bounds = found.getBounds ? found.getBounds() : L.latLngBounds([found.getLatLng()]);
        map.fitBounds(bounds, { maxZoom: 16, padding: [40, 40] });
        root.scrollIntoView({ block: "start" });
        found.openPopup();
      });
    }
    state.textContent = "";
    follow();
    root.dataset.ready = "true";
  }

  fetch(root.dataset.source)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
    .then(start)
    .catch(() => {
      state.textContent = words.failed;
      state.setAttribute("role", "alert");
    });
})();
