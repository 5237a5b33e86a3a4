import { quoted } from '../problems.ts'
import type { Policy } from './policy.ts'
import { problemWith } from './store.ts'

const POLICIES_MAX = 5000

/** What a file of policies holds, or what is wrong with it. */
export type PolicyFile = { readonly policies: readonly Policy[]; readonly problems: string[] }

/** `name=value`, a line each. */
export function propertiesOf(policies: readonly Policy[]): string {
  return policies.map(({ name, value }) => `${name}=${escaped(value)}\n`).join('')
}

/** Reads what an export wrote, in either form. */
export function readPolicyFile(text: string): PolicyFile {
  const { policies, problems } = text.trimStart().startsWith('{') ? readJson(text) : readLines(text)
  const wrong = policies.map(problemWith).filter((one) => one !== null)
  const many = policies.length > POLICIES_MAX ? [`A file may have ${POLICIES_MAX} policies.`] : []
  return { policies, problems: [...problems, ...many, ...wrong] }
}

function readLines(text: string): PolicyFile {
  const policies: Policy[] = []
  const problems: string[] = []
  for (const line of text.split(/\r?\n/).map((one) => one.trimStart())) {
    // Comments, as in any file of properties.
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue
    const [, name, value = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name === undefined) problems.push(`${quoted(line)} is not of the form name=value.`)
    else policies.push({ name, value: unescaped(value) })
  }
  return { policies, problems }
}

function readJson(text: string): PolicyFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { policies: [], problems: ['The file is not valid JSON.'] }
  }
  const { policies } = parsed as { policies?: unknown }
  if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) {
    return { policies: [], problems: ["The file has no object 'policies'."] }
  }
  const entries = Object.entries(policies)
  const wrong = entries.filter(([, value]) => typeof value !== 'string')
  return {
    policies: entries.map(([name, value]) => ({ name, value: String(value) })),
    problems: wrong.map(([name]) => `The value of ${quoted(name)} must be text.`),
  }
}

function escaped(value: string): string {
  return value.replace(/[\\\n\r]/g, (one) => ({ '\\': '\\\\', '\n': '\\n' })[one] ?? '\\r')
}

function unescaped(value: string): string {
  return value.replace(/\\([nr\\])/g, (_, one) => (one === 'n' ? '\n' : one === 'r' ? '\r' : '\\'))
}
