import { defineObject } from '../engine/definition.ts'
import { text } from '../engine/params.ts'
import { photoAttachment } from './photos/attachment.ts'

/** A user's presence at a place or an event. */
export const checkins = defineObject({
  name: 'checkin',
  title: 'Checkin',
  collection: 'checkins',
  idParam: 'checkin_id',
  idsParam: 'checkin_ids',
  unnamed: 'Invalid checkin id',
  calledInTexts: 'a checkin',
  description: "A user's presence at a place or an event.",
  methods: {
    create: 'createCheckin',
    show: 'showCheckins',
    query: 'queryCheckins',
    update: 'updateCheckin',
    delete: 'deleteCheckin',
    count: 'checkinsCount',
    batchDelete: 'batchDelete',
  },
  fields: { message: text({ max: 10_000 }) },
  references: {
    place: { type: 'place', invalid: 'Invalid place id' },
    event: { type: 'event', invalid: 'Invalid event id' },
  },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment],
  counters: true,
  words: ['message'],
  checkWrite({ params }, { data }) {
    // The place wins when both are named; one that is named alone takes the other's place.
    if (data.place_id !== undefined && data.event_id !== undefined) {
      delete data[params.event_id && !params.place_id ? 'place_id' : 'event_id']
    }
    const isSomewhere = data.place_id !== undefined || data.event_id !== undefined
    return isSomewhere ? [] : ['Place or event id is required']
  },
})
