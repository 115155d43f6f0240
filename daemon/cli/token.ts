import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { addToken, removeToken } from '../access/change-tokens.js';
import { tokensFileOf } from '../access/guard.js';
import { readTokenFile, tokenNameSchema } from '../access/token-file.js';
import { readUse } from '../access/tokens.js';
import { loadConfig } from '../config/load.js';
import { ROLES, type Role } from '../protocol/roles.js';
import type { CliContext } from './context.js';
import { defaultDataDirectory } from './data-directory.js';
import { EXIT } from './exit-codes.js';
import { checked } from './options.js';
import type { RunCommand } from './program.js';
import { textTable } from './text-table.js';

interface TokenOptions {
  readonly config?: string;
  readonly data?: string;
  readonly tokens?: string;
}

/** `chirpd token add`, `list` and `remove`: who may reach a daemon. One that runs takes the change over by itself. */
export function addTokenCommand(program: Command, context: CliContext, run: RunCommand): void {
  const token = program
    .command('token')
    .description('make, list and remove the tokens with which people and programs get at the daemon')
    .helpCommand(false);
  const command = (name: string, description: string): Command =>
    token
      .command(name)
      .description(description)
      .option('--config <file>', "the daemon's config, which says where its tokens are")
      .option('--data <folder>', "the daemon's data folder (default: where it keeps real beds)")
      .option('--tokens <file>', 'the tokens file itself');
  command('add', 'make a token, and print it: it is kept nowhere, and cannot be printed again')
    .argument('<name>', 'whose it is: a person, a board, a program', nameArgument)
    .addOption(
      new Option(
        '--role <role>',
        'view; acknowledge (and view); administer (and both); push: samples, and nothing else',
      )
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .action((name: string, options: TokenOptions & { readonly role: Role }) =>
      run(() => {
        const file = tokensFile(options, context);
        const made = addToken(file, name, options.role);
        context.stderr.write(`Token "${name}" (${options.role}), kept as a hash in ${file}. Here it is, this once:\n`);
        context.stdout.write(`${made}\n`);
        return EXIT.ok;
      }),
    );
  command('list', 'list the tokens: names, roles, when they were made and last used').action((options: TokenOptions) =>
    run(() => {
      context.stdout.write(tokenTable(tokensFile(options, context)));
      return EXIT.ok;
    }),
  );
  command('remove', 'remove a token: its connections end within seconds')
    .argument('<name>', 'as chirpd token list shows it')
    .action((name: string, options: TokenOptions) =>
      run(() => {
        const file = tokensFile(options, context);
        const left = removeToken(file, name);
        const none = left.length === 0 ? ' No token is left: nobody gets into a daemon that runs.' : '';
        context.stderr.write(`Token "${name}" is removed.${none}\n`);
        return EXIT.ok;
      }),
    );
}

function nameArgument(text: string): string {
  return checked(tokenNameSchema, text);
}

/** Where the daemon of these options looks. */
function tokensFile({ config: configFile, data, tokens }: TokenOptions, { folder, env }: CliContext): string {
  if (tokens !== undefined) return resolve(folder, tokens);
  const config = configFile === undefined ? undefined : loadConfig(resolve(folder, configFile));
  const dataFolder = data === undefined ? config?.data : resolve(folder, data);
  return config?.server.tokens ?? tokensFileOf(undefined, dataFolder ?? defaultDataDirectory(env, 'beds'));
}

function tokenTable(file: string): string {
  const use = readUse(file);
  const rows = readTokenFile(file).map(({ name, role, made, sha256 }) => [
    ...[name, role, made.slice(0, 10), use[sha256] ?? 'never'],
  ]);
  return textTable([{ title: 'name' }, { title: 'role' }, { title: 'made' }, { title: 'last used' }], rows);
}
