import { defineObject } from '../../engine/definition.ts'
import { LIKE_SCOPE } from '../../engine/present.ts'

/** A user's liking of another object. One for each user and object. */
export const likes = defineObject({
  name: 'like',
  title: 'Like',
  collection: 'likes',
  idParam: 'like_id',
  description: "A user's liking of another object.",
  methods: {},
  fields: {},
  computed: {
    likeable_id: { type: 'string' },
    likeable_type: { type: 'string', description: '`Post`, `Photo`, `CustomObject` ...' },
  },
  claims: ({ ownerId, data }) => [
    {
      ...likeClaim(ownerId, { title: data.likeable_type, id: data.likeable_id }),
      taken: 'Failed to create like: Validation failed - User has already liked this object.',
    },
  ],
})

/** By which a like is found, also by what shows whether the caller likes an object. */
export function likeClaim(
  userId: string | null,
  target: { readonly title: unknown; readonly id: unknown },
): { scope: string; value: string } {
  return { scope: LIKE_SCOPE, value: `${userId}:${target.title}:${target.id}` }
}
