import { flagOf } from '../config/sources.ts'
import { SETTING_NAMES, SETTINGS } from '../config.ts'
import type { Command, Options } from './command.ts'
import { COMMANDS } from './commands.ts'
import { columns } from './output.ts'

/** The flags that every command takes. */
export const COMMON_OPTIONS = {
  'data-dir': { value: 'FOLDER', about: 'Folder of the database, files and secrets.' },
  config: { value: 'FILE', about: 'JSON or YAML file with settings.' },
  json: { about: 'Print one JSON object and nothing else on stdout.' },
  quiet: { about: 'Print the bare result, no talk.' },
  help: { about: 'Print this and do nothing.' },
} as const satisfies Options

/** The settings that can be given as flags; secret ones cannot, since others see command lines. */
export function settingOptions(): Options {
  const shown = SETTING_NAMES.filter((name) => !SETTINGS[name].kind.secret && name !== 'DATA_DIR')
  return Object.fromEntries(
    shown.map((name) => [flagOf(name), { value: 'VALUE', about: SETTINGS[name].about }]),
  )
}

/** Own flags first, then settings, then the common ones. */
export function optionsOf(command: Command): Options {
  const settings = command.takesSettings ? settingOptions() : {}
  return { ...command.options, ...settings, ...COMMON_OPTIONS }
}

/** `homeport backend create --name NAME [--version VERSION]` */
export function usageOf(command: Command): string {
  const own = Object.entries(command.options).map(([name, option]) => {
    const text = option.value ? `--${name} ${option.value}` : `--${name}`
    if (option.repeats) return `[${text} ...]`
    return option.required ? text : `[${text}]`
  })
  const settings = command.takesSettings ? ['[--SETTING VALUE ...]'] : []
  const more = command.lastRepeats ? ['...'] : []
  const given = [...(command.positionals ?? []), ...more]
  return ['homeport', command.name, ...given, ...own, ...settings].join(' ')
}

export function helpOf(command: Command): string[] {
  const rows = Object.entries(optionsOf(command)).map(([name, option]) => [
    `  --${name}${option.value ? ` ${option.value}` : ''}`,
    option.about,
  ])
  return [`Usage: ${usageOf(command)}`, '', command.about, '', ...columns(rows)]
}

/** The named commands, for `homeport --help` and for a command line that names none. */
export async function overview(names: readonly string[]): Promise<string[]> {
  const rows = names.map(async (name) => [`  ${name}`, (await COMMANDS[name]?.())?.about ?? ''])
  return [
    'Usage: homeport COMMAND [--flags]',
    '',
    ...columns(await Promise.all(rows)),
    '',
    'homeport COMMAND --help tells the flags. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused.',
  ]
}
