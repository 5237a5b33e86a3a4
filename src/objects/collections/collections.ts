import { defineObject } from '../../engine/definition.ts'
import { required, text } from '../../engine/params.ts'
import { collectionDeletion } from './counts.ts'
import { coverOf } from './cover.ts'
import { checkParent } from './parent.ts'

export const COLLECTION_UNNAMED = 'Collection id, or collection name and user id required'

/** An album of photos, which may hold others. A photo is in at most one. */
export const collections = defineObject({
  name: 'collection',
  title: 'Collection',
  collection: 'collections',
  idParam: 'collection_id',
  unnamed: COLLECTION_UNNAMED,
  description: 'An album of photos, which may hold other albums.',
  methods: {
    create: 'createCollection',
    show: 'showCollection',
    query: 'queryCollections',
    update: 'updateCollection',
    count: 'collectionsCount',
    batchDelete: 'batchDelete',
  },
  fields: { name: required(text({ max: 255 })) },
  computed: {
    counts: {
      type: 'object',
      properties: {
        photos: { type: 'integer' },
        total_photos: { type: 'integer' },
        subcollections: { type: 'integer' },
      },
    },
  },
  references: {
    parent_collection: { type: 'collection', invalid: 'Invalid collection id' },
    cover_photo: { type: 'photo', invalid: 'Invalid photo id' },
  },
  customFields: true,
  acl: true,
  words: ['name'],
  claims: ({ ownerId, data }) => [
    {
      scope: 'collection.name',
      value: `${ownerId}:${data.parent_collection_id ?? ''}:${data.name}`,
      taken: 'Failed to create collection: Validation failed - Name is already taken.',
    },
  ],
  checkWrite: (call, draft) => checkParent(call, draft),
  alsoDeletes: collectionDeletion,
  async view({ data, record, call }) {
    const { photos_count, total_photos_count, subcollections_count, ...members } = data
    const counts = {
      photos: photos_count ?? 0,
      total_photos: total_photos_count ?? 0,
      subcollections: subcollections_count ?? 0,
    }
    const cover = members.cover_photo_id ?? (await coverOf(call, record.id))
    return { ...members, counts, ...(cover ? { cover_photo_id: cover } : {}) }
  },
})
