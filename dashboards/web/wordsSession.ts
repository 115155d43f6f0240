import type { Role } from '../../daemon/protocol/roles.js';
import { inLanguages } from './language.js';

/** Logging in and out, and what a token may not do. */
export const sessionWords = inLanguages(
  {
    heading: 'Log in',
    first: 'This daemon asks for a token. Until then this board shows nothing, and no alarm comes through.',
    ended:
      'You are logged out: this board is not live, what it shows is old, and no alarm comes through. Log in again.',
    early: 'Log in again before the session ends. This board stays live.',
    token: 'Token',
    hint: 'Whoever runs chirpd makes one: chirpd token add NAME --role view',
    logIn: 'Log in',
    cancel: 'Not now',
    logOut: 'Log out',
    again: 'Log in again',
    wrongToken: 'This token is not known, or was removed.',
    pushToken: 'This token is for a device that sends samples: it may see nothing.',
    noAnswer: 'The daemon does not answer: try again.',
    endsAt: (time: string) => `This board is logged out at ${time}: no alarm comes through after that.`,
    insecure: 'Not protected.',
    insecureWhy: 'Others on the network can reach this daemon without encryption or without a token.',
    who: (name: string, role: string) => `${name} (${role})`,
    mayNot: (role: string) => `Not with this token: it may ${role}`,
  },
  {
    heading: 'Anmelden',
    first: 'Dieser Daemon verlangt ein Token. Bis dahin zeigt dieses Board nichts, und kein Alarm kommt durch.',
    ended:
      'Sie sind abgemeldet: dieses Board ist nicht live, was es zeigt, ist alt, und kein Alarm kommt durch. Melden Sie sich wieder an.',
    early: 'Melden Sie sich an, bevor die Sitzung endet. Dieses Board bleibt live.',
    token: 'Token',
    hint: 'Wer chirpd betreibt, erstellt eines: chirpd token add NAME --role view',
    logIn: 'Anmelden',
    cancel: 'Jetzt nicht',
    logOut: 'Abmelden',
    again: 'Neu anmelden',
    wrongToken: 'Dieses Token ist nicht bekannt oder wurde entfernt.',
    pushToken: 'Dieses Token ist für ein Gerät, das Samples sendet: es darf nichts sehen.',
    noAnswer: 'Der Daemon antwortet nicht: versuchen Sie es noch einmal.',
    endsAt: (time) => `Dieses Board wird um ${time} abgemeldet: danach kommt kein Alarm mehr durch.`,
    insecure: 'Ungeschützt.',
    insecureWhy: 'Andere im Netz erreichen diesen Daemon unverschlüsselt oder ohne Token.',
    who: (name, role) => `${name} (${role})`,
    mayNot: (role) => `Mit diesem Token nicht möglich: es darf nur ${role}`,
  },
);

/** Behind "may": what a role is there for. */
export const roleWords = inLanguages(
  {
    view: 'view',
    acknowledge: 'view and acknowledge',
    administer: 'do everything',
    push: 'send samples',
  } satisfies Record<Role, string>,
  {
    view: 'ansehen',
    acknowledge: 'ansehen und quittieren',
    administer: 'alles',
    push: 'Samples senden',
  },
);
