import { inLanguages } from './language.js';

/** Texts of the choices that hold for all tiles. */
export const toolbarWords = inLanguages(
  {
    show: 'Tiles show',
    live: 'live',
    lastHours: (hours: number) => `last ${String(hours)} h`,
    showTitle:
      'Live: the spectrogram as it comes. Hours: the spectrum of the last hours, left side of the head over right',
    order: 'Order',
    place: 'by place',
    need: 'by need',
    orderTitle:
      'By place: as the beds are listed. By need: open alarms first, then beds without data, then most chirps',
    window: 'Window',
    minutes: (n: number) => `${String(n)} min`,
    chirps: 'Show chirps',
    chirpsTitle: 'Key C',
    background: 'background',
    strong: 'strong',
    legend: 'Colour scale: dark is at the background, light is far above it',
  },
  {
    show: 'Kacheln',
    live: 'live',
    lastHours: (hours: number) => `letzte ${String(hours)} h`,
    showTitle:
      'Live: das Spektrogramm, wie es kommt. Stunden: das Spektrum der letzten Stunden, linke Kopfseite über rechter',
    order: 'Reihenfolge',
    place: 'nach Platz',
    need: 'nach Bedarf',
    orderTitle:
      'Nach Platz: wie die Betten aufgezählt sind. Nach Bedarf: zuerst offene Alarme, dann Betten ohne Daten, dann die meisten Chirps',
    window: 'Fenster',
    minutes: (n: number) => `${String(n)} min`,
    chirps: 'Chirps zeigen',
    chirpsTitle: 'Taste C',
    background: 'Hintergrund',
    strong: 'stark',
    legend: 'Farbskala: dunkel ist der Hintergrund, hell liegt weit darüber',
  },
);
