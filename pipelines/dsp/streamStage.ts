import { ChirpdError } from '../core/errors.js';

/** What an operator made of the stream's `StreamInfo`, without which its samples mean nothing. */
export function startedStage<Stage>(stage: Stage | undefined): Stage {
  if (stage !== undefined) return stage;
  throw new ChirpdError(
    'PIPELINE_NO_INFO',
    'Samples came before the stream said what they are: the first item of a stream is its info',
  );
}
