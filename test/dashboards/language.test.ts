import t from 'tap';
import { chooseLanguage, inLanguages, language, numberText, onLanguage } from '../../dashboards/web/language.js';

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
