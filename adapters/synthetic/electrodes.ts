/** A scalp electrode seen from above: x to the right ear, y to the nose, the head's rim at radius 1. */
export interface ElectrodePlace {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

const RING = 0.8;

function onRing(label: string, degrees: number): ElectrodePlace {
  const angle = (degrees * Math.PI) / 180;
  return { label, x: RING * Math.cos(angle), y: RING * Math.sin(angle) };
}

/** The 19 electrodes of the 10-20 system, in the usual order of recordings. */
export const ELECTRODES_10_20: readonly ElectrodePlace[] = [
  onRing('Fp1', 108),
  onRing('Fp2', 72),
  { label: 'F3', x: -0.36, y: 0.42 },
  { label: 'F4', x: 0.36, y: 0.42 },
  { label: 'C3', x: -0.4, y: 0 },
  { label: 'C4', x: 0.4, y: 0 },
  { label: 'P3', x: -0.36, y: -0.42 },
  { label: 'P4', x: 0.36, y: -0.42 },
  onRing('O1', 252),
  onRing('O2', 288),
  onRing('F7', 144),
  onRing('F8', 36),
  onRing('T7', 180),
  onRing('T8', 0),
  onRing('P7', 216),
  onRing('P8', 324),
  { label: 'Fz', x: 0, y: 0.4 },
  { label: 'Cz', x: 0, y: 0 },
  { label: 'Pz', x: 0, y: -0.4 },
];
