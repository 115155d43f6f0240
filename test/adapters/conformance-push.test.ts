import t from 'tap';
import { liveAdapterConformance } from './live-conformance.js';
import { listeningSlots, pushAdapterOfRig, startPushRig } from './push/live-rig.js';

liveAdapterConformance(t, { adapter: pushAdapterOfRig, start: startPushRig, resources: listeningSlots });
