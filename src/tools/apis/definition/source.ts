import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import type { Path } from './cursor.ts'

/** A text as plain data, and where in the text each part of it stands. */
export type Source = {
  readonly value: unknown
  lineOf(path: Path): number | null
}

/** The text is no YAML or JSON, or holds what none of ours may. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly line: number | null

  constructor(message: string, line: number | null = null) {
    super(message)
    this.line = line
  }
}

const DEPTH_MAX = 100

/** Of one text; an alias counts with all that it stands for. */
const NODES_MAX = 200_000

/**
 * Reads YAML, of which JSON is a part. To be called in a thread of its own: there are texts on which
 * the parser takes its time.
 *
 * @throws {SourceError}
 */
export function readSource(text: string): Source {
  return text.trimStart().startsWith('{') ? readJson(text) : readYaml(text)
}

function readJson(text: string): Source {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const [, at] = /position (\d+)/.exec(String(error)) ?? []
    const line = at === undefined ? null : text.slice(0, Number(at)).split('\n').length
    throw new SourceError('This is no valid JSON.', line)
  }
  requireShallow(value, 0)
  return { value, lineOf: () => null }
}

function requireShallow(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new SourceError(`It is nested more than ${DEPTH_MAX} deep.`)
  if (typeof value !== 'object' || value === null) return
  for (const one of Object.values(value)) requireShallow(one, depth + 1)
}

function readYaml(text: string): Source {
  const counter = new LineCounter()
  // Keys are compared here, where it takes no more time than reading them.
  const options = { lineCounter: counter, uniqueKeys: false, prettyErrors: false }
  let document: Document.Parsed
  try {
    document = parseDocument(text, options)
  } catch {
    throw new SourceError('It is nested too deep.')
  }
  const [error] = document.errors
  if (error) throw new SourceError(error.message, counter.linePos(error.pos[0]).line)
  return new YamlReader(document, counter).read()
}

class YamlReader {
  readonly #document: Document.Parsed
  readonly #counter: LineCounter
  readonly #lines = new Map<string, number>()
  #nodes = 0

  constructor(document: Document.Parsed, counter: LineCounter) {
    this.#document = document
    this.#counter = counter
  }

  read(): Source {
    const value = this.#valueOf(this.#document.contents, [])
    return { value, lineOf: (path) => this.#lines.get(keyOf(path)) ?? null }
  }

  #valueOf(node: Node | null, path: Path): unknown {
    if (node === null) return null
    const line = this.#lineOf(node)
    this.#nodes += 1
    if (this.#nodes > NODES_MAX) throw new SourceError('It has too many parts.', line)
    if (path.length > DEPTH_MAX) {
      throw new SourceError(`It is nested more than ${DEPTH_MAX} deep.`, line)
    }
    if (line !== null) this.#lines.set(keyOf(path), line)
    if (node.tag === '!include') {
      const message = '!include is not supported: put everything into one text.'
      throw new SourceError(message, line)
    }
    if (isAlias(node)) return this.#valueOf(node.resolve(this.#document) ?? null, path)
    if (isSeq(node))
      return node.items.map((one, at) => this.#valueOf(one as Node, [...path, String(at)]))
    if (isMap(node)) return this.#mapOf(node, path)
    return isScalar(node) ? node.value : null
  }

  #mapOf(node: { readonly items: readonly { key: unknown; value: unknown }[] }, path: Path) {
    const members = new Map<string, unknown>()
    for (const { key, value } of node.items) {
      const line = this.#lineOf(key as Node)
      if (!isScalar(key)) throw new SourceError('A key must be plain text.', line)
      const name = String(key.value)
      if (members.has(name)) throw new SourceError(`"${name}" stands here twice.`, line)
      const inner = [...path, name]
      members.set(name, this.#valueOf(value as Node | null, inner))
      // The line of the key tells more than that of a value below it.
      if (line !== null) this.#lines.set(keyOf(inner), line)
    }
    return Object.fromEntries(members)
  }

  #lineOf(node: Node | null | undefined): number | null {
    const [start] = node?.range ?? []
    return start === undefined ? null : this.#counter.linePos(start).line
  }
}

function keyOf(path: Path): string {
  return path.join('\0')
}
