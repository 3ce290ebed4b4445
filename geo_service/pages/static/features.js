/* Draws the features of a page: Leaflet from our own server, no base map, texts never as HTML. */
"use strict";

(function () {
  const style = { color: "#1a4f8b", weight: 2, fillOpacity: 0.1 };

  function label(feature, words) {
    const text = document.createElement("span");
    const told = feature.properties;
    const standing = words[told.standing] ?? told.standing;
    text.textContent = [told.name || told.title || told.number || feature.id, standing]
      .filter(Boolean)
      .join(" · ");
    return text;
  }

  function draw(box, data) {
    const words = JSON.parse(box.dataset.standing);
    const layer = L.geoJSON(data, {
      style: style,
      pointToLayer: (_, place) => L.circleMarker(place, { ...style, radius: 5 }),
      onEachFeature: (feature, drawn) => drawn.bindPopup(label(feature, words)),
    });
    const bounds = layer.getBounds();
    if (!bounds.isValid()) {
      box.parentElement.hidden = true;
      return;
    }
    const map = L.map(box, { attributionControl: false });
    layer.addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.fitBounds(bounds, { maxZoom: 16 });
  }

  for (const box of document.querySelectorAll(".features-map")) {
    fetch(box.dataset.features, { headers: { Accept: "application/geo+json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
      .then((data) => draw(box, data))
      .catch(() => {
        box.parentElement.hidden = true;
      });
  }
})();
