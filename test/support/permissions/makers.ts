import type { TestUser } from '../test-app.ts'
import type { ObjectThing, Thing } from './calls.ts'
import type { Scene } from './scene.ts'

/** An object that was made to see who may do what with it. */
export type Made = {
  /** What clients call it by: its id, or a name. */
  readonly name: string
  /** Its record. */
  readonly type: string
  readonly id: string
  /** A name that no other has; the object is found by it. */
  readonly mark: string
  /** Whose it is, when it is not the scene's owner's. */
  readonly owner?: TestUser
}

type Maker = (scene: Scene, aclId: string) => Promise<Made>

/** How objects that an ACL can guard are made: the path, the key of replies, the record's type. */
export const OBJECTS: Readonly<
  Record<ObjectThing, readonly [path: string, key: string, type: string]>
> = {
  place: ['places', 'places', 'place'],
  event: ['events', 'events', 'event'],
  checkin: ['checkins', 'checkins', 'checkin'],
  status: ['statuses', 'statuses', 'status'],
  post: ['posts', 'posts', 'post'],
  photo: ['photos', 'photos', 'photo'],
  collection: ['collections', 'collections', 'collection'],
  file: ['files', 'files', 'file'],
  review: ['reviews', 'reviews', 'review'],
  boat: ['objects/:classname', 'boat', 'custom:boat'],
}

function object(thing: ObjectThing): Maker {
  const [path, key, type] = OBJECTS[thing]
  return async (scene, aclId) => {
    const mark = scene.mark()
    const guard = aclId === '' ? {} : { acl_id: aclId }
    const { body } = await scene.done(`${path}/create`, scene.owner, { ...guard }, { mark })
    const { id } = body.response[key][0]
    return { name: id, type, id, mark }
  }
}

/** One that the owner makes. */
function own(type: string, key: string): Maker {
  return async (scene) => {
    const mark = scene.mark()
    const { body } = await scene.done(`${key}/create`, scene.owner, {}, { mark })
    const { id } = body.response[key][0]
    return { name: id, type, id, mark }
  }
}

/** One that an administrator makes, for the owner where he can. */
function administered(type: string, key: string): Maker {
  return async (scene) => {
    const mark = scene.mark()
    const admin = scene.people['an administrator']
    const { body } = await scene.done(`${key}/create`, admin, { su_id: scene.owner.id }, { mark })
    const { id } = body.response[key][0]
    return { name: id, type, id, mark }
  }
}

/** A user of his own, who is the owner of what is asked for: himself. */
async function newUser(scene: Scene, aclId = ''): Promise<Made> {
  const mark = scene.mark()
  const owner = await scene.app.user(mark, scene.backend)
  if (aclId !== '') await scene.done('users/update', owner, { acl_id: aclId })
  return { name: owner.id, type: 'user', id: owner.id, mark, owner }
}

/** Friendship, asked for by a new user or with his consent. */
async function relation(scene: Scene, isFriend: boolean): Promise<Made> {
  const { owner: other, mark } = await newUser(scene)
  if (!other) throw new Error('a user owns himself')
  const [from, to] = isFriend ? [scene.owner, other] : [other, scene.owner]
  const values = { user_ids: to.id, approval_required: !isFriend }
  await scene.done('friends/add', from, values)
  const id = await scene.recordOf('friend_request', { user_id: from.id, to_user_id: to.id })
  return { name: other.id, type: 'friend_request', id, mark }
}

async function keyvalue(scene: Scene, access_private: boolean): Promise<Made> {
  const mark = scene.mark()
  await scene.done('keyvalues/set', scene.owner, { name: mark, value: '1', access_private })
  const read = { name: mark, access_private }
  const { body } = await scene.done('keyvalues/get', scene.owner, read)
  return { name: mark, type: 'keyvalue', id: body.response.keyvalues[0].id, mark }
}

/** What the partner writes to the owner: the owner's copy. */
async function letter(scene: Scene): Promise<Made> {
  const { owner, people } = scene
  const mark = scene.mark()
  const sent = { to_ids: owner.id, body: mark }
  const { body } = await scene.done('messages/create', people['a reader'], sent)
  const { thread_id: threadId } = body.response.messages[0]
  const id = await scene.recordOf('message', { user_id: owner.id, thread_id: threadId })
  return { name: id, type: 'message', id, mark }
}

async function liked(scene: Scene): Promise<Made> {
  const place = await object('place')(scene, '')
  const { body } = await scene.done('likes/create', scene.owner, { place_id: place.id })
  return { ...place, type: 'like', id: body.response.likes[0].id }
}

async function device(scene: Scene): Promise<Made> {
  const mark = scene.mark()
  await scene.done('push_notification/subscribe', scene.owner, {}, { mark })
  const values = { device_token: mark }
  const { body } = await scene.done('push_notification/query', scene.owner, values)
  return { name: mark, type: 'push_subscription', id: body.response.subscriptions[0].id, mark }
}

async function account(scene: Scene): Promise<Made> {
  const user = await newUser(scene)
  const values = { type: 'trusted', id: user.mark, token: 't' }
  await scene.done('users/external_account_link', user.owner ?? null, values)
  return { ...user, name: user.mark }
}

/** A chat group of its own, with the partner and the writer. */
async function group(scene: Scene): Promise<Made> {
  const { owner, people } = scene
  const to_ids = [people['a reader'].id, people['a writer'].id]
  const mark = scene.mark()
  const { body } = await scene.done('chats/create', owner, { to_ids, message: mark })
  const id = body.response.chats[0].chat_group_id
  return { name: id, type: 'chat_group', id, mark }
}

async function log(scene: Scene): Promise<Made> {
  const { body } = await scene.done('push_notification/notify', scene.owner)
  const { id } = body.response.push_notification
  return { name: id, type: 'push_log', id, mark: '' }
}

/** A name that is found in the scene, and not by an id. */
async function named(name: string): Promise<Made> {
  return { name, type: '', id: '', mark: name }
}

/** How one of each is made. What a later one needs of an earlier one is in the scene by then. */
export const MAKERS: Readonly<Record<Thing, Maker>> = {
  user: newUser,
  login: ({ ownerName }) => named(ownerName),
  partner: ({ people }) => named(people['a reader'].id),
  newcomer: async (scene) => {
    const { owner: _, ...made } = await newUser(scene)
    return made
  },
  place: object('place'),
  event: object('event'),
  checkin: object('checkin'),
  status: object('status'),
  post: object('post'),
  photo: object('photo'),
  collection: object('collection'),
  file: object('file'),
  review: object('review'),
  boat: object('boat'),
  acl: own('acl', 'acls'),
  aclName: async (scene) => named((await own('acl', 'acls')(scene, '')).mark),
  message: own('message', 'messages'),
  letter,
  chat: own('chat', 'chats'),
  group,
  secret: (scene) => keyvalue(scene, true),
  value: (scene) => keyvalue(scene, false),
  device,
  liked,
  asker: (scene) => relation(scene, false),
  friend: (scene) => relation(scene, true),
  account,
  fence: administered('geo_fence', 'geo_fences'),
  template: administered('email_template', 'email_templates'),
  templateName: async (scene) =>
    named((await administered('email_template', 'email_templates')(scene, '')).mark),
  schedule: administered('push_schedule', 'push_schedules'),
  log,
  app: ({ backend }) => named(backend.id),
}
