import { defineObject } from '../../engine/definition.ts'
import { text } from '../../engine/params.ts'
import { photoDeletion } from './counters.ts'
import { filesOf } from './files.ts'

/** A picture that a user uploaded, and the sizes that are made of it. */
export const photos = defineObject({
  name: 'photo',
  title: 'Photo',
  collection: 'photos',
  idParam: 'photo_id',
  idsParam: 'photo_ids',
  description: 'A picture that a user uploaded, and the sizes that are made of it.',
  methods: {
    show: 'showPhoto',
    query: 'queryPhoto',
    search: 'searchPhotos',
    delete: 'deletePhoto',
    count: 'photosCount',
    batchDelete: 'batchDelete',
  },
  fields: { title: text({ max: 1000 }) },
  computed: {
    filename: { type: 'string' },
    size: { type: 'integer', description: 'bytes of the original' },
    md5: { type: 'string' },
    content_type: { type: 'string' },
    processed: { type: 'boolean', description: 'All sizes are ready.' },
    urls: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Sizes that are ready, by name.',
    },
    exif: { type: 'object', additionalProperties: true },
  },
  references: {
    collection: {
      type: 'collection',
      invalid: 'Invalid collection id',
      readOnly: true,
      listAs: 'collections',
    },
  },
  customFields: true,
  tags: true,
  acl: true,
  counters: true,
  words: ['title'],
  alsoDeletes: photoDeletion,
  view({ data, hidden, call }) {
    const files = Object.entries(filesOf(hidden()).ready)
    const base = `${call.request.baseUrl}/files/`
    const urls = Object.fromEntries(files.map(([size, key]) => [size, base + key]))
    return files.length > 0 ? { ...data, urls } : data
  },
})
