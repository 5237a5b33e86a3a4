import { defineObject } from '../engine/definition.ts'
import { required, text } from '../engine/params.ts'
import { photoAttachment } from './photos/attachment.ts'

/** Something that a user wrote, for reviews and likes to hang off. */
export const posts = defineObject({
  name: 'post',
  title: 'Post',
  collection: 'posts',
  idParam: 'post_id',
  idsParam: 'post_ids',
  unnamed: 'Invalid post id',
  description: 'Something that a user wrote, with a title, perhaps for an event.',
  methods: {
    create: 'createPost',
    show: 'showPosts',
    query: 'queryPosts',
    update: 'updatePost',
    delete: 'deletePost',
    count: 'postsCount',
    batchDelete: 'batchDelete',
  },
  fields: {
    title: text({ max: 1000 }),
    content: required(text({ max: 65_000 })),
  },
  references: { event: { type: 'event', invalid: 'Invalid event id' } },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment],
  counters: true,
  words: ['title', 'content'],
})
