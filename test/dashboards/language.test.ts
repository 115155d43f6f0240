import t from 'tap';
import {
  chooseLanguage,
  firstLanguage,
  inLanguages,
  language,
  numberText,
  onLanguage,
} from '../../dashboards/web/language.js';

const words = inLanguages(
  { stopped: 'No data', since: (time: string) => `since ${time}` },
  { stopped: 'Keine Daten', since: (time) => `seit ${time}` },
);

t.test('texts and numbers are those of the language that is chosen, at once', (t) => {
  const heard: string[] = [];
  onLanguage(() => heard.push(language()));
  t.equal(`${words().stopped} ${words().since('14:03')}, ${numberText(0.416, 2)}`, 'No data since 14:03, 0.42');
  chooseLanguage('de');
  t.equal(`${words().stopped} ${words().since('14:03')}, ${numberText(0.416, 2)}`, 'Keine Daten seit 14:03, 0,42');
  chooseLanguage('en');
  t.equal(words().stopped, 'No data');
  t.same(heard, ['de', 'en']);
  t.end();
});

t.test('the first language: what was chosen, else the dearest of the browser’s that the board speaks', (t) => {
  t.equal(firstLanguage('', ['fr-CH', 'de-CH', 'en']), 'de');
  t.equal(firstLanguage('', ['EN-us', 'de']), 'en');
  t.equal(firstLanguage('en', ['de']), 'en');
  t.equal(firstLanguage('', ['fr']), 'en');
  t.equal(firstLanguage('xx', []), 'en');
  t.end();
});
