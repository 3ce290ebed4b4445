/* Drawing the thing to be named. The text field holds the vertices: what is drawn goes there. */
"use strict";

(function () {
  const told = JSON.parse(document.getElementById("draw-data").textContent);
  const box = document.getElementById("draw");
  const place = document.getElementById("draw-map");
  const field = document.getElementById("f-drawn");
  const state = document.getElementById("draw-state");
  const tools = box.querySelector(".draw-tools");
  const look = { color: "#b42318", weight: 4, fillOpacity: 0.1 };
  const ground = { color: "#5b6b7d", weight: 1.5, fill: false, interactive: false };
  let vertices = [];
  let map, shape, dots;

  function read() {
    const numbers = field.value.split(/[\s,，;；]+/).filter(Boolean).map(Number);
    if (numbers.some(Number.isNaN) || numbers.length % 2) {
      return null;
    }
    return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
  }

  const isClosed = () =>
    vertices.length > 3 && String(vertices[0]) === String(vertices[vertices.length - 1]);

  function write() {
    const text = (pair) => pair.map((value) => value.toFixed(told.decimals)).join(" ");
    field.value = vertices.map(text).join("\n");
    show();
  }

  function show() {
    const points = vertices.map(([lon, lat]) => [lat, lon]);
    if (shape) {
      shape.remove();
      dots.clearLayers();
      shape = (isClosed() ? L.polygon(points, look) : L.polyline(points, look)).addTo(map);
      points.forEach((point) => dots.addLayer(L.circleMarker(point, { ...look, weight: 2, radius: 4, interactive: false })));
    }
    const word = ["none", "told_point"][vertices.length] || (isClosed() ? "told_area" : "told_line");
    state.textContent = told.words[word].replace("{count}", vertices.length);
  }

  function add(point) {
    if (isClosed() || vertices.length >= told.most) {
      state.textContent = told.words.full;
      return;
    }
    const vertex = [point.lng, point.lat].map((value) => Number(value.toFixed(told.decimals)));
    if (String(vertex) !== String(vertices[vertices.length - 1])) {
      vertices.push(vertex);
      write();
    }
  }

  const acts = {
    undo: () => vertices.pop(),
    clear: () => (vertices = []),
    close: () => vertices.length > 2 && !isClosed() && vertices.push([...vertices[0]]),
    finish: () => field.form.querySelector("[type=submit]").focus(),
  };

  function orient() {
    const drawn = L.layerGroup().addTo(map);
    const follow = () => {
      const bounds = map.getBounds();
      const asked = new URLSearchParams({ bbox: bounds.toBBoxString(), limit: "300" });
      drawn.clearLayers();
      for (const path of told.ground) {
        fetch(`${path}?${asked}`, { headers: { Accept: "application/geo+json" } })
          .then((answer) => (answer.ok ? answer.json() : { type: "FeatureCollection", features: [] }))
          .then((features) => drawn.addLayer(L.geoJSON(features, { style: ground, pointToLayer: (_, at) => L.circleMarker(at, { ...ground, radius: 2 }) })))
          .catch(() => {}); // without orientation the drawing goes on
      }
    };
    map.on("moveend", follow);
    follow();
  }

  function start() {
    if (map) {
      return;
    }
    place.hidden = false;
    tools.hidden = false;
    map = L.map(place, { attributionControl: false, doubleClickZoom: false });
    L.control.scale({ imperial: false }).addTo(map);
    const cross = document.createElement("div");
    cross.className = "draw-cross";
    place.append(cross);
    shape = L.polyline([], look).addTo(map);
    dots = L.layerGroup().addTo(map);
    map.fitBounds(told.bounds);
    show();
    if (vertices.length) {
      map.fitBounds(shape.getBounds(), { maxZoom: 15, padding: [40, 40] });
    }
    orient();
    map.on("click", (event) => add(event.latlng));
    place.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === place) {
        event.preventDefault();
        add(map.getCenter());
      }
    });
    place.dataset.ready = "true";
  }

  vertices = read() || [];
  for (const button of tools.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => {
      acts[button.dataset.act]();
      if (button.dataset.act !== "finish") {
        write();
      }
    });
  }
  field.addEventListener("input", () => {
    const given = read();
    if (given) {
      vertices = given;
      show();
    }
  });
  box.addEventListener("toggle", () => box.open && start());
  if (box.open) {
    start();
  }

  // The form of the file carries what was typed into the form of the name.
  const upload = document.getElementById("drawing");
  upload.addEventListener("submit", () => {
    for (const entry of upload.querySelectorAll("input[type=hidden]")) {
      const own = field.form.elements[entry.name];
      if (own && entry.name !== "csrf") {
        entry.value = own.type === "checkbox" ? (own.checked ? own.value : "") : own.value;
      }
    }
  });
})();
