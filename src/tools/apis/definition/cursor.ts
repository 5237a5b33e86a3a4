import type { Finding } from './model.ts'

export type Path = readonly string[]

/** More would bury the first, which are mostly the cause of the others. */
const FINDINGS_MAX = 50

/** What was found so far, with the lines of the text that it stands in. */
export class Findings {
  readonly list: Finding[] = []
  readonly #lineOf: (path: Path) => number | null

  constructor(lineOf: (path: Path) => number | null = () => null) {
    this.#lineOf = lineOf
  }

  add(severity: Finding['severity'], path: Path, message: string): void {
    if (this.list.length >= FINDINGS_MAX) return
    this.list.push({ severity, message, path: path.join(' > '), line: this.#lineOf(path) })
  }
}

/**
 * A place in a document while it is being read. What is not of the form that is asked for becomes a
 * finding, and is as good as absent.
 */
export class Cursor {
  readonly value: unknown
  readonly path: Path
  readonly findings: Findings

  constructor(value: unknown, path: Path, findings: Findings) {
    this.value = value
    this.path = path
    this.findings = findings
  }

  error(message: string): void {
    this.findings.add('ERROR', this.path, message)
  }

  warn(message: string): void {
    this.findings.add('WARNING', this.path, message)
  }

  get isMap(): boolean {
    return isMap(this.value)
  }

  /** A place elsewhere in the same document. */
  at(value: unknown, ...more: Path): Cursor {
    return new Cursor(value, [...this.path, ...more], this.findings)
  }

  /** A member that is there and not null; of what is no map there are none. */
  get(name: string): Cursor | null {
    if (!isMap(this.value) || !Object.hasOwn(this.value, name)) return null
    const value = this.value[name]
    return value === null || value === undefined ? null : this.at(value, name)
  }

  /** The members of a map, those that are null too. */
  entries(): [name: string, member: Cursor][] {
    if (!isMap(this.value)) {
      if (this.value !== null) this.error('This must be a map.')
      return []
    }
    return Object.entries(this.value).map(([name, value]) => [name, this.at(value ?? null, name)])
  }

  /** The members of a list. */
  items(): Cursor[] {
    if (Array.isArray(this.value)) return this.value.map((one, at) => this.at(one, String(at)))
    this.error('This must be a list.')
    return []
  }

  /** A text or number as text, or `null`. */
  text(): string | null {
    const { value } = this
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    this.error('This must be text.')
    return null
  }

  /** The text of a member, or `null` when there is none. */
  textOf(name: string): string | null {
    return this.get(name)?.text() ?? null
  }

  flagOf(name: string): boolean | null {
    const member = this.get(name)
    if (!member) return null
    if (typeof member.value === 'boolean') return member.value
    member.error('This must be true or false.')
    return null
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
