import { invalid, isHash } from './params.ts'

export type Selection = {
  readonly keep: ReadonlySet<string> | null
  readonly drop: ReadonlySet<string>
}

const EVERYTHING: Selection = { keep: null, drop: new Set() }

type Hash = Readonly<Record<string, unknown>> | undefined

/** @throws {ApiError} `param_invalid` unless `sel` or `unsel`, not both, has a list under `all` */
export function selectionOf(sel: Hash, unsel: Hash): Selection {
  if (sel && unsel) throw invalid('sel', 'absent when unsel is given')
  if (sel) return { keep: new Set([...namesOf(sel, 'sel'), 'id']), drop: new Set() }
  if (unsel) return { keep: null, drop: new Set(namesOf(unsel, 'unsel').filter((n) => n !== 'id')) }
  return EVERYTHING
}

function namesOf(hash: NonNullable<Hash>, name: string): string[] {
  const all = hash.all
  const names = typeof all === 'string' ? all.split(',').map((one) => one.trim()) : all
  if (!Array.isArray(names) || !names.every((one) => typeof one === 'string')) {
    throw invalid(name, 'of the form {"all": ["name", "age"]}')
  }
  return names
}

export function selectsAll(selection: Selection): boolean {
  return selection.keep === null && selection.drop.size === 0
}

/**
 * The object with only the wanted members. The names hold for nested objects as well: to keep a
 * member of one, both its name and the member's must be listed. Custom fields are chosen by the
 * name `custom_fields` or each by its own.
 */
export function select(object: Record<string, unknown>, selection: Selection): unknown {
  if (selectsAll(selection)) return object
  const entries: [string, unknown][] = []
  for (const [name, value] of Object.entries(object)) {
    if (name === 'custom_fields' && isHash(value)) {
      const kept = selectedCustomFields(value, selection)
      if (kept) entries.push([name, kept])
    } else if (wants(selection, name)) {
      entries.push([name, nested(value, selection)])
    }
  }
  return Object.fromEntries(entries)
}

function wants(selection: Selection, name: string): boolean {
  return (selection.keep?.has(name) ?? true) && !selection.drop.has(name)
}

function selectedCustomFields(
  fields: Record<string, unknown>,
  selection: Selection,
): Record<string, unknown> | undefined {
  if (selection.drop.has('custom_fields')) return undefined
  const whole = selection.keep?.has('custom_fields') ?? true
  const kept = Object.entries(fields).filter(([name]) =>
    whole ? !selection.drop.has(name) : wants(selection, name),
  )
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

function nested(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((one) => nested(one, selection))
  return isNestedObject(value) ? select(value, selection) : value
}

/** Only objects of the API have an id; a hash that an app stored is one value. */
function isNestedObject(value: unknown): value is Record<string, unknown> {
  return isHash(value) && typeof value.id === 'string'
}
