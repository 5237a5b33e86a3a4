import { after, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase } from '../support/test-app.ts'
import { type TiWalk, walk } from '../support/ti-cloud.ts'
import { TI_CONTENTS } from '../support/ti-cloud-methods.ts'

const START = new Date('2030-06-01T09:00:00Z')
const RETIRED = [410, /search\.json has been deprecated\. Please use \$text query/] as const
const photo = await picture('jpeg', 60, 40)
const file = new File(['a chart'], 'chart.txt')
const PLACE = { name: 'Pier 7', latitude: 54.15, longitude: -4.48 }

type Ids = readonly { readonly id: string }[]
const ids = (objects: Ids) => objects.map(({ id }) => id)

/** The methods that the module has for what users make, by its own namespaces. */
const WALKS: Readonly<Record<string, TiWalk>> = {
  Places: {
    create: {
      call: 'POST places/create',
      data: () => ({ ...PLACE, photo, tags: 'dock,sea', custom_fields: { open: true, at: START } }),
      keep: 'place',
      is: ({ places: [place] }) => [
        [place.tags, place.custom_fields.open, place.custom_fields.at],
        [['dock', 'sea'], true, '2030-06-01T09:00:00+0000'],
      ],
    },
    search: { call: 'GET places/search', data: () => ({ q: 'Pier' }), refused: RETIRED },
    show: {
      call: 'GET places/show',
      by: 'nobody',
      data: ({ place }) => ({ place_id: place }),
      is: ({ places: [{ name }] }) => [name, 'Pier 7'],
    },
    update: {
      call: 'PUT places/update',
      data: ({ place }) => ({ place_id: place, name: 'Pier 8', website: null, photo }),
      is: ({ places: [{ name, latitude }] }) => [
        [name, latitude],
        ['Pier 8', 54.15],
      ],
    },
    query: {
      call: 'GET places/query',
      by: 'nobody',
      data: () => ({ where: { lnglat: { $nearSphere: [-4.48, 54.15], $maxDistance: 0.001 } } }),
      is: ({ places }, { place }) => [ids(places).includes(place ?? ''), true],
    },
    'query ': { call: 'GET places/query', by: 'nobody', data: () => ({}) },
    remove: { call: 'DELETE places/delete', data: ({ place }) => ({ place_id: place }) },
    'show ': {
      call: 'GET places/show',
      data: ({ place }) => ({ place_id: place }),
      refused: [400, /^Invalid place id$/],
    },
  },
  Objects: {
    create: {
      call: 'POST objects/boat/create',
      data: () => ({ fields: { name: 'Grebe', crew: ['a'], sails: false }, photo }),
      keep: 'boat',
      is: ({ boat: [{ crew, sails }] }) => [
        [crew, sails],
        [['a'], false],
      ],
    },
    show: {
      call: 'GET objects/boat/show',
      data: ({ boat }) => ({ ids: [boat] }),
      is: ({ boat }, kept) => [ids(boat), [kept.boat]],
    },
    update: {
      call: 'PUT objects/boat/update',
      data: ({ boat }) => ({ id: boat, fields: { name: 'Heron', crew: null } }),
      is: ({ boat: [{ name, crew }] }) => [
        [name, crew],
        ['Heron', undefined],
      ],
    },
    query: {
      call: 'GET objects/boat/query',
      data: ({ ann }) => ({ where: { user_id: ann }, order: '-created_at', limit: 3, count: true }),
      is: ({ boat }, kept) => [ids(boat), [kept.boat]],
    },
    remove: { call: 'DELETE objects/boat/delete', data: ({ boat }) => ({ id: boat }) },
  },
  Events: {
    create: {
      call: 'POST events/create',
      data: () => ({ name: 'Regatta', start_time: START, recurring: 'daily', recurring_count: 3 }),
      keep: 'event',
      is: ({ events: [{ num_occurrences, start_time }] }) => [
        [num_occurrences, start_time],
        [3, '2030-06-01T09:00:00+0000'],
      ],
    },
    show: { call: 'GET events/show', data: ({ event }) => ({ event_id: event }) },
    showOccurrences: {
      call: 'GET events/show/occurrences',
      data: ({ event }) => ({ event_id: event, page: 1, per_page: 2 }),
      is: ({ event_occurrences: all }) => [all.length, 2],
    },
    query: {
      call: 'GET events/query',
      data: ({ ann }) => ({ where: { user_id: ann } }),
      is: ({ events }, { event }) => [ids(events), [event]],
    },
    queryOccurrences: {
      call: 'GET events/query/occurrences',
      data: ({ ann }) => ({
        where: { user_id: ann, start_time: { $gt: '2030-06-01 12:00:00 +0000' } },
      }),
      is: ({ event_occurrences: all }) => [all.length, 2],
    },
    search: { call: 'GET events/search', data: () => ({ q: 'x' }), refused: RETIRED },
    searchOccurrences: { call: 'GET events/search/occurrences', refused: RETIRED },
    update: {
      call: 'PUT events/update',
      data: ({ event }) => ({ event_id: event, recurring_count: 2, photo }),
      is: ({ events: [{ num_occurrences }] }) => [num_occurrences, 2],
    },
    remove: { call: 'DELETE events/delete', data: ({ event }) => ({ event_id: event }) },
  },
  Files: {
    create: {
      call: 'POST files/create',
      data: () => ({ name: 'Chart', file, custom_fields: { pages: 3 } }),
      keep: 'file',
      settles: true,
    },
    query: {
      call: 'GET files/query',
      data: ({ ann }) => ({ where: { user_id: ann, pages: 3 } }),
      is: ({ files: [{ processed }] }) => [processed, true],
    },
    show: { call: 'GET files/show', data: (kept) => ({ file_id: kept.file }) },
    update: {
      call: 'PUT files/update',
      data: (kept) => ({ file_id: kept.file, name: 'Map', file }),
      is: ({ files: [{ name, processed }] }) => [
        [name, processed],
        ['Map', false],
      ],
    },
    remove: { call: 'DELETE files/delete', data: (kept) => ({ file_id: kept.file }) },
  },
  KeyValues: {
    set: {
      call: 'PUT keyvalues/set',
      data: () => ({ name: 'n', value: '7', access_private: true }),
    },
    increment: {
      call: 'PUT keyvalues/incrby',
      data: () => ({ name: 'n', value: 3, access_private: true }),
      is: ({ keyvalues: [{ value }] }) => [Number(value), 10],
    },
    append: {
      call: 'PUT keyvalues/append',
      data: () => ({ name: 'n', value: '!', access_private: true }),
      is: ({ keyvalues: [{ value }] }) => [value, '10!'],
    },
    get: {
      call: 'GET keyvalues/get',
      data: () => ({ name: 'n', access_private: true }),
      is: ({ keyvalues: [{ value }] }) => [value, '10!'],
    },
    'get ': {
      call: 'GET keyvalues/get',
      data: () => ({ name: 'n', access_private: false }),
      refused: [400, /./],
    },
    remove: { call: 'DELETE keyvalues/delete', data: () => ({ name: 'n', access_private: true }) },
  },
  Photos: {
    create: {
      call: 'POST photos/create',
      data: () => ({
        photo,
        title: 'Sun',
        'photo_sizes[small]': '30x20',
        'photo_sync_sizes[]': 'small',
      }),
      keep: 'photo',
      is: ({ photos: [{ urls }] }) => [Object.keys(urls).sort(), ['original', 'small']],
    },
    show: { call: 'GET photos/show', data: (kept) => ({ photo_id: kept.photo }) },
    search: {
      call: 'GET photos/search',
      data: ({ ann }) => ({ user_id: ann }),
      is: ({ photos }, kept) => [ids(photos), [kept.photo]],
    },
    query: {
      call: 'GET photos/query',
      data: ({ ann }) => ({ where: { user_id: ann, title: 'Sun' } }),
      is: ({ photos }, kept) => [ids(photos), [kept.photo]],
    },
    update: {
      call: 'PUT photos/update',
      data: (kept) => ({ photo_id: kept.photo, title: 'Moon', photo, photo_sizes: { a: '9x9#' } }),
      is: ({ photos: [{ title, processed }] }) => [
        [title, processed],
        ['Moon', false],
      ],
    },
    remove: { call: 'DELETE photos/delete', data: (kept) => ({ photo_id: kept.photo }) },
  },
  PhotoCollections: {
    create: { call: 'POST collections/create', data: () => ({ name: 'Sea' }), keep: 'album' },
    'create ': {
      call: 'POST collections/create',
      data: ({ album }) => ({ name: 'Boats', parent_collection_id: album }),
      keep: 'inner',
    },
    'Photos.create': {
      call: 'POST photos/create',
      data: ({ album }) => ({ photo, collection_id: album }),
      keep: 'photo',
    },
    show: {
      call: 'GET collections/show',
      data: ({ album }) => ({ collection_id: album }),
      is: ({ collections: [{ counts }] }) => [
        counts,
        { photos: 1, total_photos: 1, subcollections: 1 },
      ],
    },
    update: {
      call: 'PUT collections/update',
      data: ({ album, photo: cover }) => ({ collection_id: album, cover_photo_id: cover }),
    },
    search: {
      call: 'GET collections/search',
      data: ({ ann }) => ({ user_id: ann }),
      is: ({ collections }, { album }) => [ids(collections), [album]],
    },
    showSubcollections: {
      call: 'GET collections/show/subcollections',
      data: ({ album }) => ({ collection_id: album }),
      is: ({ collections }, { inner }) => [ids(collections), [inner]],
    },
    showPhotos: {
      call: 'GET collections/show/photos',
      data: ({ album }) => ({ collection_id: album }),
      is: ({ photos }, kept) => [ids(photos), [kept.photo]],
    },
    remove: { call: 'DELETE collections/delete', data: ({ inner }) => ({ collection_id: inner }) },
  },
}

onEachDatabase('the Titanium module, about contents', (app) => {
  after(() => app().settle())
  for (const [namespace, methods] of Object.entries(TI_CONTENTS)) {
    it(`gets the right answer to each call of ${namespace}`, () =>
      walk(app(), methods, WALKS[namespace]))
  }
})
