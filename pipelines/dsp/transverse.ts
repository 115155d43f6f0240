/** Transverse bipolar montage of the 10-20 electrodes: rows from left to right, from the front of the head to its back. */
export const TRANSVERSE: readonly string[] = [
  ...['F7-Fp1', 'Fp1-Fp2', 'Fp2-F8'],
  ...['F7-F3', 'F3-Fz', 'Fz-F4', 'F4-F8'],
  ...['T7-C3', 'C3-Cz', 'Cz-C4', 'C4-T8'],
  ...['P7-P3', 'P3-Pz', 'Pz-P4', 'P4-P8'],
  ...['P7-O1', 'O1-O2', 'O2-P8'],
];
