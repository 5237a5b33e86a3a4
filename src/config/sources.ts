import { readFileSync } from 'node:fs'
import { didYouMean } from './suggest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where settings come from. `flags` are named as on the command line: `data-dir`. */
export type Sources = {
  readonly env: Environment
  /** A JSON or YAML file; without it `HOMEPORT_CONFIG` names one. */
  readonly file?: string | undefined
  readonly flags?: Readonly<Record<string, string | undefined>> | undefined
}

/** The text of a setting, and where it stood: `environment HOMEPORT_PORT`. */
export type Given = { readonly text: string; readonly origin: string }

export type Gathered = {
  readonly given: ReadonlyMap<string, Given>
  readonly problems: readonly string[]
}

export const PREFIX = 'HOMEPORT_'

/** Names the config file, so it cannot stand in it and is no setting itself. */
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`

/** Names without the prefix that platforms set, and that count when ours are absent. */
const PLAIN_NAMES = ['PORT', 'DATABASE_URL']

/**
 * A Kubernetes service called `homeport` puts variables of this form into every container: they are
 * nobody's mistake. It also sets HOMEPORT_PORT, to a URL.
 */
const SERVICE_LINK = /^HOMEPORT_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP))/
const SERVICE_LINK_PORT = /^(tcp|udp):\/\//

/** The text of every setting that is given anywhere, the strongest source winning. */
export async function gather(names: readonly string[], sources: Sources): Promise<Gathered> {
  const given = new Map<string, Given>()
  const problems: string[] = []
  const file = sources.file ?? sources.env[CONFIG_VARIABLE]
  if (file) await gatherFile(file, names, given, problems)
  gatherEnvironment(sources.env, names, given, problems)
  for (const name of names) {
    const text = sources.flags?.[flagOf(name)]
    if (text !== undefined) given.set(name, { text, origin: `flag --${flagOf(name)}` })
  }
  return { given, problems }
}

/** `DATA_DIR` as a flag: `data-dir`. */
export function flagOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

async function gatherFile(
  path: string,
  names: readonly string[],
  given: Map<string, Given>,
  problems: string[],
): Promise<void> {
  let content: unknown
  try {
    content = await parseFile(path)
  } catch (error) {
    problems.push(`${path}: cannot be read (${firstLine(error)})`)
    return
  }
  if (content === null || content === undefined) return
  if (typeof content !== 'object' || Array.isArray(content)) {
    problems.push(`${path}: must hold settings, like "port: 8080"`)
    return
  }
  const keys = names.map((name) => name.toLowerCase())
  for (const [key, value] of Object.entries(content)) {
    if (!keys.includes(key)) {
      problems.push(`${path}: there is no setting "${key}".${didYouMean(key, keys)}`)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      problems.push(`${path}: "${key}" must be a single value`)
    } else if (value !== null && value !== '') {
      given.set(key.toUpperCase(), { text: String(value), origin: `file ${path}` })
    }
  }
}

async function parseFile(path: string): Promise<unknown> {
  const text = readFileSync(path, 'utf8')
  if (path.endsWith('.json')) return JSON.parse(text)
  const { parse } = await import('yaml')
  return parse(text)
}

function gatherEnvironment(
  env: Environment,
  names: readonly string[],
  given: Map<string, Given>,
  problems: string[],
): void {
  for (const name of PLAIN_NAMES) setFrom(env, name, name, given)
  for (const name of names) {
    const variable = PREFIX + name
    if (name === 'PORT' && SERVICE_LINK_PORT.test(env[variable] ?? '')) continue
    setFrom(env, variable, name, given)
    gatherSecretFile(env, name, given, problems)
  }
  reportUnknown(env, names, problems)
}

/** An empty variable counts as none: compose files write `${X:-}` for "if it is set". */
function setFrom(env: Environment, variable: string, name: string, given: Map<string, Given>) {
  const text = env[variable]
  if (text) given.set(name, { text, origin: `environment ${variable}` })
}

/** `HOMEPORT_X_FILE` names a file that holds the value, as container secrets are mounted. */
function gatherSecretFile(
  env: Environment,
  name: string,
  given: Map<string, Given>,
  problems: string[],
): void {
  const variable = `${PREFIX}${name}_FILE`
  const path = env[variable]
  if (!path) return
  if (env[PREFIX + name]) {
    problems.push(`${variable}: ${PREFIX}${name} is set too; keep one of them`)
    return
  }
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    given.set(name, { text, origin: `environment ${variable}` })
  } catch (error) {
    problems.push(`${variable}: cannot be read (${firstLine(error)})`)
  }
}

function reportUnknown(env: Environment, names: readonly string[], problems: string[]): void {
  const variables = names.flatMap((name) => [PREFIX + name, `${PREFIX}${name}_FILE`])
  const known = new Set([...variables, CONFIG_VARIABLE])
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(PREFIX) || known.has(variable) || SERVICE_LINK.test(variable)) continue
    problems.push(`${variable}: there is no such setting.${didYouMean(variable, [...known])}`)
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] ?? ''
}
