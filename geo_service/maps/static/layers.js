// Draws one layer of records. `features` is GeoJSON whose properties say how each one looks:
// style (Leaflet path options), popup (escaped HTML), mark (a character in a disc), label (text
// that is always shown, at label_at where given), hint (text for a pointer or a screen reader), id (for links from a table).
"use strict";

const featureById = new Map();

function markIcon(properties) {
  const disc = document.createElement("span");
  disc.className = "mark";
  disc.textContent = properties.mark;
  disc.style.backgroundColor = properties.style.color;
  const shift = 16 * (properties.shift || 0);
  return L.divIcon({ className: "mark-holder", html: disc, iconSize: [24, 24], iconAnchor: [12 - shift, 12], popupAnchor: [shift, -10] });
}

function pointLayer(feature, position, pane) {
  const properties = feature.properties;
  if (properties.mark) {
    return L.marker(position, { icon: markIcon(properties), title: properties.hint, alt: properties.hint });
  }
  return L.circleMarker(position, { ...properties.style, pane });
}

function dress(feature, layer) {
  const { popup, label, label_at, id } = feature.properties;
  if (popup) {
    layer.bindPopup(popup, { maxWidth: 340, maxHeight: 320 });
  }
  if (label) {
    const text = document.createElement("span");
    text.textContent = label;
    if (label_at) {
      // Left alone, Leaflet puts the name on the first part of a unit, which may be an islet.
      layer.getCenter = () => L.latLng(label_at[1], label_at[0]);
    }
    layer.bindTooltip(text, { permanent: true, direction: "center", className: "unit-label", interactive: false });
  }
  if (id && !featureById.has(id)) {
    featureById.set(id, layer);
  }
}

function recordLayer(features, pane) {
  return L.geoJSON(features, {
    pane,
    style: (feature) => feature.properties.style,
    pointToLayer: (feature, position) => pointLayer(feature, position, pane),
    onEachFeature: dress,
  });
}

// Room for the legend, so that it hides nothing when the map opens.
const LEGEND_OPEN = window.innerWidth >= 540;
function fitBeside(map, bounds) {
  map.fitBounds(bounds, { paddingTopLeft: [56, 8], paddingBottomRight: [LEGEND_OPEN ? 246 : 8, 8] });
}

// On a narrow map an open pop-up needs the place of the legend; a click on its sign brings it back.
function makeRoom(map, legend) {
  if (LEGEND_OPEN && window.innerWidth < 960) {
    map.on("popupopen", () => legend.collapse());
    map.on("popupclose", () => legend.expand());
  }
}

// A row of the table beside the map links to #<finding id>: go there and open its pop-up.
function followHash(map) {
  function go() {
    const layer = featureById.get(decodeURIComponent(window.location.hash.slice(1)));
    if (!layer) {
      return;
    }
    const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    map.fitBounds(bounds, { maxZoom: Math.max(map.getZoom(), 13), padding: [60, 60], animate: false });
    layer.openPopup();
  }
  window.addEventListener("hashchange", go);
  go();
}
