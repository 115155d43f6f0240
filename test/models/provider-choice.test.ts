import t from 'tap';
import { ProviderChoice } from '../../models/provider-choice.js';

t.test('a provider whose load ends the process is left out at once', (t) => {
  const choice = new ProviderChoice(['cuda', 'webgpu', 'cpu']);
  choice.tries('cuda');
  t.equal(choice.ended('ended by SIGSEGV'), true);
  t.same(choice.left, ['webgpu', 'cpu']);
  t.match(choice.passedOver, ['cuda: the inference process ended while it was loaded: ended by SIGSEGV']);
  t.end();
});

t.test('one that runs is left out after two ends in a row', (t) => {
  const choice = new ProviderChoice(['webgpu', 'cpu']);
  const run = (): void => {
    choice.tries('webgpu');
    choice.loaded();
  };
  run();
  t.equal(choice.ended('a batch hung'), false);
  run();
  choice.answered();
  t.equal(choice.ended('a batch hung'), false, 'it has answered since');
  run();
  t.equal(choice.ended('a batch hung'), true);
  t.same(choice.left, ['cpu']);
  t.equal(choice.passedOver.length, 1);
  t.end();
});

t.test('the last one is never left out', (t) => {
  const choice = new ProviderChoice(['cpu']);
  for (let i = 0; i < 5; i++) {
    choice.tries('cpu');
    if (i % 2 === 0) choice.loaded();
    t.equal(choice.ended('ended by SIGKILL'), false);
  }
  t.same(choice.left, ['cpu']);
  t.equal(new ProviderChoice(['webgpu', 'cpu']).ended('before it tried any'), false);
  t.end();
});
