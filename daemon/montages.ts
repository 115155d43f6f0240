import { classifyLabels } from '../pipelines/core/labels.js';
import type { StreamInfo } from '../pipelines/core/signal.js';
import { isChirpdError } from '../pipelines/core/errors.js';
import { DOUBLE_BANANA } from '../pipelines/dsp/doubleBanana.js';
import { type MontagePlan, type MontageSpec, planMontage } from '../pipelines/dsp/montagePlan.js';
import { TRANSVERSE } from '../pipelines/dsp/transverse.js';
import type { BedMontages, MontageName, OfferedMontage } from './protocol/messages.js';

/** A montage of which less than this can be made is none that anybody would read. */
const LEAST_SHARE = 0.5;
/** Of fewer electrodes, an average is mostly the electrode itself. */
const LEAST_AVERAGED = 4;

/**
 * The montages that make sense for a bed, by what is recorded: as configured, and the clinical ones for which there are
 * electrodes. One that would show the same derivations as another before it is left out.
 *
 * @param info of the bed's source; undefined before its stream has begun
 */
export function montagesOf(bed: string, info: StreamInfo | undefined, configured: MontageSpec): BedMontages {
  if (info === undefined) return { bed, startTimeMicros: 0, channels: [], averaged: [], montages: [] };
  // Labels as topic `channels` tells them: two of one name are numbered.
  const channels = planned('recorded', info)?.derivations.map(({ label }) => label) ?? [];
  const average = planned('average', info);
  const offers = [
    offer('configured', planned(configured, info)),
    offer('bipolar', planned('bipolar', info), DOUBLE_BANANA),
    offer('transverse', planned({ derivations: TRANSVERSE }, info), TRANSVERSE),
    average !== undefined && average.averaged.length >= LEAST_AVERAGED ? offer('average', average) : undefined,
    offer('recorded', onlyEeg(planned('recorded', info), info)),
  ];
  const montages: OfferedMontage[] = [];
  for (const one of offers) if (one !== undefined && !montages.some((other) => isSame(one, other))) montages.push(one);
  return { bed, startTimeMicros: info.startTimeMicros, channels, averaged: average?.averaged ?? [], montages };
}

function planned(spec: MontageSpec, info: StreamInfo): MontagePlan | undefined {
  try {
    return planMontage(spec, info);
  } catch (error) {
    if (isChirpdError(error, 'PIPELINE_MONTAGE_EMPTY')) return undefined;
    throw error;
  }
}

/** @param wanted all its derivations, of which those that cannot be made are told with the reason */
function offer(
  name: MontageName,
  plan: MontagePlan | undefined,
  wanted: readonly string[] = [],
): OfferedMontage | undefined {
  if (plan === undefined || plan.derivations.length < LEAST_SHARE * wanted.length) return undefined;
  const missing = wanted.filter((label) => !plan.derivations.some((made) => made.label === label));
  return {
    name,
    derivations: plan.derivations.map(({ label, plus, minus, sign }) => ({ label, plus, minus: minus ?? null, sign })),
    leftOut: missing.map((label) => ({
      label,
      reason: plan.leftOut.find(({ sourceLabel }) => sourceLabel === label)?.reason ?? '',
    })),
  };
}

/** Without signals that are known not to be EEG, unless nothing else is there. */
function onlyEeg(plan: MontagePlan | undefined, info: StreamInfo): MontagePlan | undefined {
  const kinds = classifyLabels(info.channels.map(({ label }) => label));
  const derivations = plan?.derivations.filter(({ plus }) => {
    const kind = kinds[plus];
    return kind?.kind !== 'other' || kind.modality === 'unknown';
  });
  return plan && derivations !== undefined && derivations.length > 0 ? { ...plan, derivations } : plan;
}

function isSame(a: OfferedMontage, b: OfferedMontage): boolean {
  return a.derivations.map(({ label }) => label).join('\n') === b.derivations.map(({ label }) => label).join('\n');
}
