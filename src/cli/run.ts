import { parseArgs } from 'node:util'
import type { Environment } from '../config/sources.ts'
import { didYouMean } from '../config/suggest.ts'
import { readConfig } from '../config.ts'
import { type Call, type Command, type Options, UsageError } from './command.ts'
import { COMMANDS } from './commands.ts'
import { report } from './failure.ts'
import { helpOf, optionsOf, overview, settingOptions, usageOf } from './help.ts'
import { Output, type Streams } from './output.ts'

type Value = string | boolean | readonly string[] | undefined

type Given = Readonly<Record<string, Value>>

type Host = { readonly env: Environment; readonly streams: Streams }

/** Runs a command line. @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 refused */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  // Looked at before anything is parsed, so that a wrong command line is answered in JSON too.
  const modes = { json: argv.includes('--json'), quiet: argv.includes('--quiet') }
  const output = new Output(host.streams, modes)
  try {
    return await dispatch(argv, host, output)
  } catch (error) {
    return report(error, output)
  }
}

async function dispatch(argv: readonly string[], host: Host, output: Output): Promise<number> {
  const words = leadingWords(argv)
  const name = nameOf(words)
  if (name === undefined) return withoutCommand(argv, words, output)
  const command = await COMMANDS[name]?.()
  if (!command) throw new UsageError(`There is no command "${name}".`)

  const rest = argv.slice(name.split(' ').length)
  if (rest.includes('--help') || rest.includes('-h')) {
    output.result({ usage: usageOf(command) }, { lines: helpOf(command) })
    return 0
  }
  const { values, positionals } = parse(command, rest)
  const flags = settingFlags(command, values)
  const config = () => readConfig({ env: host.env, file: textOf(values.config), flags })
  // Sound: `parse` gave every option of the command the form that it declares.
  const own = values as Call['values']
  return (await command.run({ values: own, positionals, output, env: host.env, config })) ?? 0
}

async function withoutCommand(
  argv: readonly string[],
  words: readonly string[],
  output: Output,
): Promise<number> {
  const all = Object.keys(COMMANDS)
  const group = all.filter((name) => words.length === 1 && name.startsWith(`${words[0]} `))
  const wantsHelp = argv.includes('--help') || argv.includes('-h') || words[0] === 'help'
  if (argv.includes('--version') && words.length === 0) return dispatchVersion(output)
  if (wantsHelp && (words.length === 0 || words[0] === 'help' || group.length > 0)) {
    const names = group.length > 0 ? group : all
    output.result({ commands: names }, { lines: await overview(names) })
    return 0
  }
  if (words.length === 0)
    throw new UsageError(`Say what to do.\n${(await overview(all)).join('\n')}`)
  const asked = words.slice(0, 2).join(' ')
  const hint =
    group.length > 0
      ? ` There are: ${group.join(', ')}.`
      : didYouMean(asked, all) || didYouMean(words[0] ?? '', all)
  throw new UsageError(`There is no command "${asked}".${hint}\nhomeport --help lists them.`)
}

async function dispatchVersion(output: Output): Promise<number> {
  const { VERSION } = await import('../manage/version.ts')
  output.result({ version: VERSION }, { lines: [VERSION], brief: VERSION })
  return 0
}

/** The words before the first flag. */
function leadingWords(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => word.startsWith('-'))
  return end === -1 ? argv : argv.slice(0, end)
}

function nameOf(words: readonly string[]): string | undefined {
  const candidates = [words.slice(0, 2).join(' '), words[0] ?? '']
  return candidates.find((name) => Object.hasOwn(COMMANDS, name))
}

function parse(command: Command, args: readonly string[]) {
  const options = optionsOf(command)
  const given = parsed(args, options, command)
  for (const [name, option] of Object.entries(options)) {
    const value = given.values[name]
    if (option.value && [value].flat().includes('')) {
      throw wrong(command, `--${name} needs a value.`)
    }
    if (option.required && value === undefined) {
      throw wrong(command, `--${name} ${option.value ?? ''} is missing.`)
    }
  }
  const wanted = command.positionals?.length ?? 0
  const isMore = given.positionals.length > wanted && !command.lastRepeats
  if (given.positionals.length < wanted || isMore) {
    const extra = given.positionals[wanted]
    throw wrong(
      command,
      extra === undefined
        ? `${command.positionals?.[given.positionals.length]} is missing.`
        : `"${extra}" is not expected here.`,
    )
  }
  return given
}

function parsed(args: readonly string[], options: Options, command: Command) {
  const entries = Object.entries(options).map(
    ([name, { value, repeats = false }]) =>
      [name, { type: value ? 'string' : 'boolean', multiple: repeats }] as const,
  )
  try {
    const { values, positionals } = parseArgs({
      args: withTimes(args, options),
      options: Object.fromEntries(entries),
      allowPositionals: true,
      strict: true,
    })
    const absent = Object.fromEntries(
      Object.entries(options)
        .filter(([, option]) => !option.value || option.repeats)
        .map(([name, option]) => [name, option.value ? [] : false]),
    )
    return { values: { ...absent, ...values } as Given, positionals }
  } catch (error) {
    throw wrong(command, readable(error, Object.keys(options)))
  }
}

/** `--since -2h` as `--since=-2h`: what begins with a dash could be a flag, but this is a time. */
function withTimes(args: readonly string[], options: Options): string[] {
  const isTime = (word = '') => /^-\d+[smh]$/.test(word)
  const takes = (word = '') => word.startsWith('--') && Boolean(options[word.slice(2)]?.value)
  return args.flatMap((word, at) => {
    if (isTime(word) && takes(args[at - 1])) return []
    return takes(word) && isTime(args[at + 1]) ? [`${word}=${args[at + 1]}`] : [word]
  })
}

/** What `parseArgs` complains of, in our words and with a suggestion. */
function readable(error: unknown, names: readonly string[]): string {
  if (!(error instanceof Error)) throw error
  const unknown = /^Unknown option '(-{1,2})([^']*)'/.exec(error.message)
  if (!unknown) return error.message.split('. ', 1)[0]?.replace(/\.?$/, '.') ?? error.message
  const [, dashes = '--', name = ''] = unknown
  const flags = names.map((one) => `--${one}`)
  return `There is no flag ${dashes}${name}.${didYouMean(`--${name}`, flags)}`
}

function wrong(command: Command, message: string): UsageError {
  return new UsageError(`${message}\nUsage: ${usageOf(command)}`)
}

/** The settings among the flags; a command's own flag may have the name of a setting. */
function settingFlags(command: Command, values: Given): Record<string, string | undefined> {
  const names = ['data-dir', ...(command.takesSettings ? Object.keys(settingOptions()) : [])]
  return Object.fromEntries(names.map((name) => [name, textOf(values[name])]))
}

function textOf(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined
}
