import { type Draft, newDraft } from '../src/engine/draft.ts'
import { indexKeys } from '../src/engine/index-keys.ts'
import { classDefinition } from '../src/objects/custom-objects/definition.ts'
import type { NewRecord, Store } from '../src/storage/port.ts'

const COLORS = ['teal', 'red', 'blue', 'green', 'black', 'white', 'grey', 'pink', 'gold', 'navy']
const BATCH = 1000

/** Five custom fields, as the create measure sends them: one value in ten is `teal`. */
export function fieldsOf(i: number): Record<string, unknown> {
  return {
    name: `boat ${i}`,
    color: COLORS[i % COLORS.length],
    length_m: ((i * 7919) % 10_000) / 100,
    price: (i * 104_729) % 1_000_003,
    active: i % 3 === 0,
  }
}

/** Ids of the set are known without asking: they sort by age, and begin in the past. */
export function idOf(i: number): string {
  return `${(0x60000000 + Math.floor(i / 100)).toString(16)}${'0'.repeat(10)}${i.toString(16).padStart(6, '0')}`
}

/** Puts `count` objects of a class into a backend, as if clients had made them. */
export async function fill(
  store: Store,
  backendId: string,
  ownerId: string,
  classname: string,
  count: number,
): Promise<void> {
  const def = classDefinition(classname)
  for (let start = 0; start < count; start += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => ({
      op: 'insert' as const,
      record: recordOf(newDraft(idOf(start + offset), ownerId), start + offset),
    }))
    await store.write({ operations, actor: 'bench', at: Date.now() })
  }

  function recordOf(draft: Draft, i: number): NewRecord {
    Object.assign(draft.data, fieldsOf(i))
    const createdAt = Number.parseInt(draft.id.slice(0, 8), 16) * 1000
    return {
      backendId,
      type: def.name,
      id: draft.id,
      ownerId,
      aclId: null,
      createdAt,
      updatedAt: createdAt,
      data: JSON.stringify(draft.data),
      hidden: null,
      keys: indexKeys(def, draft, createdAt),
      claims: [],
    }
  }
}
