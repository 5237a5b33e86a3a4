import { defineObject } from '../../engine/definition.ts'
import { integer, text } from '../../engine/params.ts'
import { reviewDeletion } from './counters.ts'

/** A comment or a rating of another object. */
export const reviews = defineObject({
  name: 'review',
  title: 'Review',
  collection: 'reviews',
  idParam: 'review_id',
  description: 'A comment on another object, a rating of it, or both.',
  methods: { count: 'reviewsCount', batchDelete: 'batchDelete' },
  fields: {
    content: text({ max: 65_000 }),
    rating: integer({ min: -1_000_000, max: 1_000_000 }),
  },
  computed: {
    reviewed_object: {
      type: 'object',
      properties: { type: { type: 'string' }, id: { type: 'string' } },
    },
  },
  hiddenKeys: ({ data }) => {
    const target = data.reviewed_object as { type: string; id: string } | undefined
    return { reviewed_type: target?.type, reviewed_id: target?.id }
  },
  customFields: true,
  tags: true,
  acl: true,
  counters: true,
  words: ['content'],
  alsoDeletes: reviewDeletion,
  // Reviews show their custom fields even when there are none (seen in the original's samples).
  view: ({ data }) => ({ custom_fields: {}, ...data }),
})
