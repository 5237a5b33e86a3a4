import { defineObject } from '../../engine/definition.ts'
import { text } from '../../engine/params.ts'
import type { Claim } from '../../storage/port.ts'
import { binaryDeletion } from './binary.ts'

/** Where a name is looked up: in the app's public store, or in a user's own. */
export type Space = { readonly ownerId: string | null; readonly isPrivate: boolean }

/** A value under a name that is unique in the app, or among a user's private ones. */
export const keyvalues = defineObject({
  name: 'keyvalue',
  title: 'KeyValue',
  collection: 'keyvalues',
  idParam: 'name',
  description: "A value under a name, in the app's public store or in a user's private one.",
  methods: { count: 'keyvaluesCount' },
  fields: { name: text() },
  computed: {
    type: { type: 'string', enum: ['string', 'binary'] },
    value: { type: ['string', 'integer'], description: 'A number after incrby. Not of binaries.' },
    private: { const: true, description: 'Of private ones only.' },
  },
  hiddenKeys: ({ data }) => ({ private: data.private === true }),
  seenOnlyBy: ({ ownerId, data }) => (isPrivate(data) ? [ownerId ?? ''] : null),
  claims: ({ ownerId, data }) => [
    {
      ...valueClaim({ ownerId, isPrivate: data.private === true }, String(data.name)),
      taken: 'Try again.',
    },
  ],
  alsoDeletes: async (context, record) => binaryDeletion(context, record),
})

function isPrivate(data: string): boolean {
  return (JSON.parse(data) as { private?: boolean }).private === true
}

export function valueClaim(space: Space, name: string): Claim {
  return { scope: 'keyvalue', value: `${space.isPrivate ? space.ownerId : ''}:${name}` }
}
