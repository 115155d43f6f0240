/** The 19 scalp electrodes of the 10-20 system; the common average is taken over those that a recording has. */
export const TEN_TWENTY = ('Fp1 F7 T7 P7 O1 F3 C3 P3 Fz Cz Pz Fp2 F4 C4 P4 O2 F8 T8 P8' as const).split(
  ' ',
) as readonly string[];

/** Longitudinal bipolar montage ("double banana") in the order of ACNS Guideline 3, LB-18.1: left to right in chains. */
export const DOUBLE_BANANA: readonly string[] = [
  ...['Fp1-F7', 'F7-T7', 'T7-P7', 'P7-O1'],
  ...['Fp1-F3', 'F3-C3', 'C3-P3', 'P3-O1'],
  ...['Fz-Cz', 'Cz-Pz'],
  ...['Fp2-F4', 'F4-C4', 'C4-P4', 'P4-O2'],
  ...['Fp2-F8', 'F8-T8', 'T8-P8', 'P8-O2'],
];
