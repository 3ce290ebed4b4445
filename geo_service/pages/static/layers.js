// The map of large layers: vector tiles of this server, drawn by MapLibre. The list below the map
// says in words what the map shows.
const told = JSON.parse(document.getElementById("layers-data").textContent);
const state = document.getElementById("map-state");
const switches = [...document.querySelectorAll("[data-layer]")];
const LISTED = 100;
const NEAR = 6; // pixels around a click

function say(text, isFault = false) {
  state.textContent = text;
  state.classList.toggle("alert", isFault);
  state.setAttribute("role", isFault ? "alert" : "status");
}

function element(name, text = "", children = []) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function nameOf(feature) {
  const values = feature.properties;
  return values.name ?? values.title ?? values.number ?? values.subject_name ?? values.id;
}

function addressOf(feature) {
  const [path, field] = told.records[feature.sourceLayer];
  const id = String(feature.properties[field]).split("/").map(encodeURIComponent).join("/");
  return path + id + (told.lang ? `?lang=${told.lang}` : "");
}

function linkTo(feature, text) {
  const link = element("a", text);
  link.href = addressOf(feature);
  return link;
}

// Features one by one: a tile cuts what crosses its edge in two.
function apart(features) {
  const seen = new Map();
  for (const feature of features) {
    seen.set(`${feature.sourceLayer} ${feature.properties.id}`, feature);
  }
  return [...seen.values()];
}

function card(feature) {
  const terms = told.fields[feature.sourceLayer]
    .filter(([key]) => feature.properties[key] !== undefined)
    .flatMap(([key, title]) => {
      const value = String(feature.properties[key]);
      const word = told.values[feature.sourceLayer][key]?.[value] ?? value;
      return [element("dt", title), element("dd", word)];
    });
  const title = element("h3", `${nameOf(feature)} · ${told.titles[feature.sourceLayer]}`);
  return element("section", "", [
    title,
    element("dl", "", terms),
    element("p", "", [linkTo(feature, told.words.record)]),
  ]);
}

function shownLayers() {
  return switches.filter((box) => box.checked).flatMap((box) => told.groups[box.dataset.layer]);
}

function list(map) {
  // What is drawn last comes first; a reader goes from units to what lies in them.
  const found = apart(map.queryRenderedFeatures({ layers: shownLayers() }).reverse());
  const rows = found.slice(0, LISTED).map((feature) =>
    element("tr", "", [
      element("td", told.titles[feature.sourceLayer]),
      element("td", "", [linkTo(feature, nameOf(feature))]),
      element("td", feature.properties.id),
    ]),
  );
  const table = document.getElementById("list");
  table.tBodies[0].replaceChildren(...rows);
  table.hidden = rows.length === 0;
  document.getElementById("list-state").textContent = told.words.listed
    .replace("{shown}", rows.length)
    .replace("{count}", found.length);
}

async function start() {
  const library = await import(told.library);
  const map = new library.Map({
    container: "map",
    style: told.style,
    bounds: told.bounds,
    fitBoundsOptions: { padding: 24 },
    maxZoom: 20,
    pitchWithRotate: false,
    dragRotate: false,
    attributionControl: false,
    localIdeographFontFamily: false,
    locale: told.locale,
    canvasContextAttributes: { preserveDrawingBuffer: true }, // so that it prints
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }));
  map.addControl(new library.FullscreenControl());
  map.addControl(new library.ScaleControl({ unit: "metric" }));

  const set = (box) => {
    for (const id of told.groups[box.dataset.layer]) {
      map.setLayoutProperty(id, "visibility", box.checked ? "visible" : "none");
    }
  };
  const open = (point, around) => {
    const box = [
      [point.x - NEAR, point.y - NEAR],
      [point.x + NEAR, point.y + NEAR],
    ];
    const found = apart(map.queryRenderedFeatures(box, { layers: shownLayers() })).slice(0, 5);
    if (found.length === 0) {
      say(told.words.nothing_here);
      return;
    }
    say("");
    const content = element("div", "", found.map(card));
    new library.Popup({ maxWidth: "22rem" }).setLngLat(around).setDOMContent(content).addTo(map);
  };
  map.on("click", (event) => open(event.point, event.lngLat));
  // Enter asks about the middle of the map, so that nobody needs a mouse.
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      open(map.project(map.getCenter()), map.getCenter());
    }
  });
  map.on("error", () => say(told.words.failed, true));
  map.once("load", () => {
    switches.forEach((box) => {
      set(box);
      box.addEventListener("change", () => set(box));
    });
    say("");
    document.getElementById("map").dataset.ready = "true";
  });
  map.on("idle", () => list(map));
}

start().catch((fault) => say(`${told.words.no_webgl} ${fault.message ?? ""}`, true));
