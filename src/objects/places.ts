import { defineObject } from '../engine/definition.ts'
import { decimal, required, text } from '../engine/params.ts'
import { followOperations } from './events/follow-place.ts'
import { ownerAttachment } from './owner-attachment.ts'
import { photoAttachment } from './photos/attachment.ts'

const LOCATED_BY = ['address', 'city', 'state', 'country', 'postal_code'] as const

/** The text is the original's, misprint included: clients match on it. */
const NOT_LOCATED =
  'Place must have one the of [longitude, latitude] or address or city or state or country or postal_code'

/** A point of interest, located in WGS 84. Checkins, events and reviews hang off places. */
export const places = defineObject({
  name: 'place',
  title: 'Place',
  collection: 'places',
  idParam: 'place_id',
  idsParam: 'place_ids',
  description: 'A point of interest with an address, a position, or both.',
  methods: {
    create: 'createPlace',
    show: 'showPlace',
    query: 'queryPlaces',
    search: 'searchPlaces',
    update: 'updatePlace',
    delete: 'deletePlace',
    count: 'placesCount',
    batchDelete: 'batchDelete',
  },
  fields: {
    name: required(text({ max: 500 })),
    address: text({ max: 500 }),
    city: text({ max: 200 }),
    state: text({ max: 200 }),
    postal_code: text({ max: 50 }),
    country: text({ max: 200 }),
    latitude: decimal({ min: -90, max: 90, unit: 'degrees' }),
    longitude: decimal({ min: -180, max: 180, unit: 'degrees' }),
    website: text({ max: 2048 }),
    twitter: text({ max: 200 }),
    phone_number: text({ max: 100 }),
    google_cid: text({ max: 200 }),
  },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment, ownerAttachment],
  counters: true,
  words: ['name'],
  searchRetired: true,
  checkWrite(call, draft) {
    const { data, operations } = draft
    const follow = followOperations(call, draft)
    operations.push(...follow)
    if (follow.length > 0) draft.hasJobs = true
    const { latitude, longitude } = data
    if ((latitude === undefined) !== (longitude === undefined)) {
      return ['Longitude and latitude go together']
    }
    const isLocated = latitude !== undefined || LOCATED_BY.some((name) => data[name] !== undefined)
    return isLocated ? [] : [NOT_LOCATED]
  },
})
