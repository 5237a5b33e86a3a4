import { textKey } from '../../storage/keys.ts'
import type { Keys } from '../../storage/port.ts'
import type { AssetTypeName } from './types.ts'

/** An asset by its full name: what a manifest says, before anyone knows whether there is one. */
export type Mention = {
  readonly type: AssetTypeName
  /** Of APIs and connectors. */
  readonly namespace: string | null
  readonly name: string
  readonly version: string
}

/** What an asset refers to. */
export type References = {
  /** Assets that it cannot be without. */
  readonly ids?: readonly string[]
  /** Assets that it needs, by name: there may be none. */
  readonly mentions?: readonly Mention[]
  /** Roles that it names; they come from outside. */
  readonly roles?: readonly string[]
  /** Assets that it only points at: it can do without, and says so then. */
  readonly pointsAt?: readonly string[]
  /** Assets that it holds a copy of: what becomes of them does not touch it. */
  readonly holds?: readonly string[]
  /** The asset that it is a part of, and shares its fate in the trash. */
  readonly partOf?: string | null
}

/** The names of the index that answer who refers to an asset. */
export const REFERENCE_FIELDS = {
  uses: 'uses',
  pointsAt: 'pointsAt',
  holds: 'holds',
  partOf: 'partOf',
} as const

/** How a record is found by what it refers to. */
export function referenceKeys({ ids, mentions, pointsAt, holds, partOf }: References): Keys {
  const uses = [...(ids ?? []), ...(mentions ?? []).map(mentionText)]
  return {
    ...(uses.length > 0 && { uses: keysOf(uses) }),
    ...(pointsAt && pointsAt.length > 0 && { pointsAt: keysOf(pointsAt) }),
    ...(holds && holds.length > 0 && { holds: keysOf(holds) }),
    ...(partOf && { partOf: textKey(partOf) }),
  }
}

/** A mention as one text; no id looks like it. */
export function mentionText({ type, namespace, name, version }: Mention): string {
  return `${type} ${namespace === null ? '' : `${namespace}/`}${name}(${version})`
}

function keysOf(texts: readonly string[]): string[] {
  return [...new Set(texts)].map(textKey).sort()
}
