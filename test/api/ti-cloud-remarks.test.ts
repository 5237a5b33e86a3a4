import { after, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase } from '../support/test-app.ts'
import { type TiWalk, walk } from '../support/ti-cloud.ts'
import { TI_REMARKS } from '../support/ti-cloud-methods.ts'

const photo = await picture('jpeg', 60, 40)
const PLACE = { name: 'Pier 7', latitude: 54.15, longitude: -4.48 }

type Ids = readonly { readonly id: string }[]
const ids = (objects: Ids) => objects.map(({ id }) => id)

const fence = (alert: string) => ({
  geo_fence: { loc: { coordinates: [-4.48, 54.15], radius: '2/6371' }, payload: { alert } },
})
const near = (distance: number) => ({
  $nearSphere: {
    $geometry: { type: 'Point', coordinates: [-4.48, 54.15] },
    $maxDistance: distance,
  },
})

/** The methods that the module has for what users say of things, by its own namespaces. */
const WALKS: Readonly<Record<string, TiWalk>> = {
  Checkins: {
    'Places.create': { call: 'POST places/create', data: () => PLACE, keep: 'place' },
    create: {
      call: 'POST checkins/create',
      data: ({ place }) => ({ place_id: place, message: 'here', photo }),
      keep: 'checkin',
    },
    query: {
      call: 'GET checkins/query',
      data: ({ place }) => ({ where: { place_id: place }, response_json_depth: 2 }),
      is: ({ checkins: [one] }) => [
        [one.message, one.place.name],
        ['here', 'Pier 7'],
      ],
    },
    show: {
      call: 'GET checkins/show',
      by: 'nobody',
      data: ({ checkin }) => ({ checkin_id: checkin }),
      is: ({ checkins: [{ place_id }] }, { place }) => [place_id, place],
    },
    remove: { call: 'DELETE checkins/delete', data: (kept) => ({ checkin_id: kept.checkin }) },
  },
  GeoFences: {
    'create ': {
      call: 'POST geo_fences/create',
      data: () => fence('Hi'),
      refused: [403, /^You are not authorized to perform this action\.$/],
    },
    create: {
      call: 'POST geo_fences/create',
      by: 'admin',
      data: () => fence('Hi'),
      keep: 'fence',
      is: ({ geo_fences: [{ payload }] }) => [payload, { alert: 'Hi' }],
    },
    update: {
      call: 'PUT geo_fences/update',
      by: 'admin',
      data: (kept) => ({ id: kept.fence, ...fence('Bye') }),
    },
    query: {
      call: 'GET geo_fences/query',
      by: 'nobody',
      data: () => ({ where: { loc: near(100) } }),
      is: ({ geo_fences: [{ payload }] }) => [payload, { alert: 'Bye' }],
    },
    remove: { call: 'DELETE geo_fences/delete', by: 'admin', data: (kept) => ({ id: kept.fence }) },
  },
  Likes: {
    'Posts.create': { call: 'POST posts/create', data: () => ({ content: 'c' }), keep: 'post' },
    create: {
      call: 'POST likes/create',
      by: 'ben',
      data: ({ post }) => ({ post_id: post }),
      is: ({ likes: [one] }, kept) => [
        [one.likeable_type, one.likeable_id, one.user_id],
        ['Post', kept.post, kept.ben],
      ],
    },
    'Posts.show': {
      call: 'GET posts/show',
      by: 'ben',
      data: ({ post }) => ({ post_id: post, show_user_like: true }),
      is: ({ posts: [one] }) => [
        [one.likes_count, one.current_user_liked],
        [1, true],
      ],
    },
    remove: { call: 'DELETE likes/delete', by: 'ben', data: ({ post }) => ({ post_id: post }) },
    'remove ': {
      call: 'DELETE likes/delete',
      data: ({ post }) => ({ post_id: post }),
      refused: [400, /^Invalid Post id or current user hasn't liked it$/],
    },
  },
  Posts: {
    create: {
      call: 'POST posts/create',
      data: () => ({ title: 'Log', content: 'Calm', tags: 'log', photo }),
      keep: 'post',
      is: ({ posts: [{ tags, photo_id }] }) => [
        [tags, typeof photo_id],
        [['log'], 'string'],
      ],
    },
    show: {
      call: 'GET posts/show',
      by: 'nobody',
      data: ({ post }) => ({ post_id: post }),
      is: ({ posts: [{ content }] }) => [content, 'Calm'],
    },
    query: {
      call: 'GET posts/query',
      data: ({ ann }) => ({ where: { user_id: ann, title: { $in: ['Log', 'x'] } } }),
      is: ({ posts }, kept) => [ids(posts), [kept.post]],
    },
    update: {
      call: 'PUT posts/update',
      data: ({ post }) => ({ post_id: post, title: null, content: 'Rough', tags: '' }),
      is: ({ posts: [one] }) => [
        [one.title, one.content, one.tags],
        ['Log', 'Rough', undefined],
      ],
    },
    remove: { call: 'DELETE posts/delete', data: ({ post }) => ({ post_id: post }) },
  },
  Reviews: {
    'Places.create': { call: 'POST places/create', data: () => PLACE, keep: 'place' },
    create: {
      call: 'POST reviews/create',
      by: 'ben',
      data: ({ place }) => ({ place_id: place, rating: 4, content: 'Friendly' }),
      keep: 'review',
    },
    'create ': {
      call: 'POST reviews/create',
      by: 'ben',
      data: ({ place }) => ({ place_id: place, rating: 1, allow_duplicate: false }),
      refused: [400, /^User has submitted a review for this place, please update instead$/],
    },
    'create  ': {
      call: 'POST reviews/create',
      by: 'ben',
      data: ({ place }) => ({ place_id: place, rating: 2, allow_duplicate: true }),
    },
    show: { call: 'GET reviews/show', data: (kept) => ({ review_id: kept.review }) },
    query: {
      call: 'GET reviews/query',
      by: 'nobody',
      data: ({ place }) => ({ place_id: place, order: '-rating', sel: { all: ['id', 'rating'] } }),
      is: ({ reviews: [first, second] }, { review }) => [
        [first, second.rating],
        [{ id: review, rating: 4 }, 2],
      ],
    },
    update: {
      call: 'PUT reviews/update',
      by: 'ben',
      data: (kept) => ({ place_id: kept.place, review_id: kept.review, rating: 5 }),
      is: ({ reviews: [{ rating, content }] }) => [
        [rating, content],
        [5, 'Friendly'],
      ],
    },
    remove: {
      call: 'DELETE reviews/delete',
      by: 'ben',
      data: (kept) => ({ place_id: kept.place, review_id: kept.review }),
    },
    'Places.show': {
      call: 'GET places/show',
      data: ({ place }) => ({ place_id: place }),
      is: ({ places: [one] }) => [
        [one.reviews_count, one.ratings_average],
        [1, 2],
      ],
    },
  },
  Statuses: {
    create: {
      call: 'POST statuses/create',
      data: () => ({ message: 'Under sail', custom_fields: { mood: 'calm' }, photo }),
      keep: 'status',
    },
    update: {
      call: 'PUT statuses/update',
      data: ({ status }) => ({ status_id: status, custom_fields: { mood: null, wind: 4 } }),
      is: ({ statuses: [{ message, custom_fields }] }) => [
        [message, custom_fields],
        ['Under sail', { wind: 4 }],
      ],
    },
    show: { call: 'GET statuses/show', data: ({ status }) => ({ status_id: status }) },
    search: {
      call: 'GET statuses/search',
      data: ({ ann }) => ({ user_id: ann }),
      is: ({ statuses }, { status }) => [ids(statuses), [status]],
    },
    query: {
      call: 'GET statuses/query',
      data: ({ ann }) => ({ where: { user_id: ann }, response_json_depth: 3 }),
      is: ({ statuses: [{ user }] }, { ann }) => [user.id, ann],
    },
    remove: { call: 'DELETE statuses/delete', data: ({ status }) => ({ status_id: status }) },
  },
}

onEachDatabase('the Titanium module, about remarks', (app) => {
  after(() => app().settle())
  for (const [namespace, methods] of Object.entries(TI_REMARKS)) {
    it(`gets the right answer to each call of ${namespace}`, () =>
      walk(app(), methods, WALKS[namespace]))
  }
})
