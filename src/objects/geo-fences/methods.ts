import { allowWrite } from '../../engine/access.ts'
import { type Call, defineMethod, type MethodDefinition } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill, humanName, validationFailed } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { standardMethod } from '../../engine/methods/index.ts'
import { dateText, described, hash, id, isHash, required } from '../../engine/params.ts'
import { VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, replyWith, retrying, save } from '../../engine/steps.ts'
import { objectId } from '../../lib/ids.ts'
import { geoFences } from './geo-fences.ts'
import { bad, type Loc, locOf } from './loc.ts'

const CONTENT = {
  geo_fence: described(
    required(hash()),
    '{"loc": {"coordinates": [lng, lat], "radius": "10/3959"}, "payload": {}, "start_time", "end_time"}; place_id in place of coordinates.',
  ),
  ...SU_ID,
  ...VIEW_PARAMS,
}

const RETURNS = { key: 'geo_fences', schema: 'GeoFence' }

export const createGeoFence = defineMethod({
  name: 'createGeoFence',
  group: 'GeoFence',
  verb: 'POST',
  path: 'geo_fences/create',
  auth: 'admin',
  summary: 'Makes a geofence.',
  params: CONTENT,
  returns: RETURNS,
  async run(call) {
    const draft = newDraft(objectId(call.context.now()), await actingUser(call))
    await fillFence(call, draft, 'create')
    return replyWith(call, geoFences, [await save(call, geoFences, draft)])
  },
})

export const updateGeoFence = defineMethod({
  name: 'updateGeoFence',
  group: 'GeoFence',
  verb: 'PUT',
  path: 'geo_fences/update',
  auth: 'admin',
  summary: 'Changes what is named of a geofence; null takes a time away.',
  params: { id: required(id()), ...CONTENT },
  returns: RETURNS,
  async run(call) {
    const { id: fenceId } = call.params
    const actor = await actingUser(call)
    const record = await retrying(call, geoFences, fenceId, async () => {
      const before = await load(call, geoFences, fenceId)
      await allowWrite(call, geoFences, before, actor, 'update')
      const draft = draftOf(before)
      await fillFence(call, draft, 'update')
      return save(call, geoFences, draft)
    })
    return replyWith(call, geoFences, [record])
  },
})

export const destroyGeoFence: MethodDefinition = {
  ...standardMethod(geoFences, 'delete', 'destroyGeoFence'),
  auth: 'admin',
}

/** The members of a geofence stand in one hash. */
async function fillFence(call: Call, draft: Draft, verb: 'create' | 'update'): Promise<void> {
  const sent = call.params.geo_fence
  if (!isHash(sent)) return
  if (sent.loc !== undefined) {
    draft.data.loc = await locOf(call, sent.loc, draft.data.loc as Loc | undefined)
  }
  if (sent.payload !== undefined) draft.data.payload = payloadOf(sent.payload)
  const blank = ['loc', 'payload'].filter((name) => draft.data[name] === undefined)
  if (blank.length > 0) {
    const problems = blank.map((name) => `${humanName(name)} can't be blank`)
    throw validationFailed(`${verb} geo_fence`, problems)
  }
  const times = { start_time: timeOf(sent, 'start_time'), end_time: timeOf(sent, 'end_time') }
  await fill({ ...call, params: { ...call.params, ...times } }, geoFences, draft, verb)
}

/** `null`, as empty text does, takes the present one away. */
function timeOf(sent: Readonly<Record<string, unknown>>, name: string): unknown {
  return sent[name] === null ? '' : dateText().read(sent[name], name)
}

function payloadOf(sent: unknown): Readonly<Record<string, unknown>> {
  if (isHash(sent)) return sent
  throw bad('payload must be a hash')
}
