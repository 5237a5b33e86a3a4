import { addressOf } from './effects.ts'
import type { Change, Store, WriteBatch } from './port.ts'

export type ChangeListener = Parameters<Store['subscribe']>[0]
export type ChangedAddress = Pick<Change, 'backendId' | 'type' | 'id'>

/** Those who want to hear of changes. */
export class Listeners {
  readonly #listeners = new Set<ChangeListener>()

  add(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells what a committed batch changed. */
  tell(batch: WriteBatch): void {
    if (this.#listeners.size === 0) return
    const changed = changedBy(batch)
    if (changed.length > 0) this.tellOf(changed)
  }

  /** An empty list says that anything may have changed. */
  tellOf(changes: readonly ChangedAddress[]): void {
    for (const listener of this.#listeners) listener(changes)
  }
}

export function changedBy(batch: WriteBatch): ChangedAddress[] {
  return batch.operations.flatMap((operation) => {
    const address = operation.op === 'check' ? null : addressOf(operation)
    return address ? [{ backendId: address.backendId, type: address.type, id: address.id }] : []
  })
}
