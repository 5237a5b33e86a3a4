import { mayRead } from '../../engine/access.ts'
import { type Call, defineObject } from '../../engine/definition.ts'
import { dateText } from '../../engine/params.ts'
import { expand, startExpansion, viewOptions } from '../../engine/present.ts'
import { find } from '../../engine/steps.ts'
import { parseDate } from '../../lib/dates.ts'
import { places } from '../places.ts'
import type { Loc } from './loc.ts'

/** A circle on the map, with data for the devices that come there. */
export const geoFences = defineObject({
  name: 'geo_fence',
  title: 'GeoFence',
  collection: 'geo_fences',
  idParam: 'id',
  description: 'A circle on the map, with data for the devices that come there.',
  methods: { query: 'queryGeoFence', count: 'geofencesCount' },
  fields: { start_time: dateText(), end_time: dateText() },
  computed: {
    loc: {
      type: 'object',
      properties: {
        coordinates: { type: 'array', items: { type: 'number' } },
        radius: { type: ['number', 'string'], description: 'In radians, as it was sent.' },
        place: { type: 'object', additionalProperties: true },
        place_id: { type: 'string', description: 'Of a place that is gone.' },
      },
    },
    payload: { type: 'object', additionalProperties: true },
  },
  points: ({ data }) => ({ loc: [...(data.loc as Loc).coordinates] }),
  ownerless: true,
  checkWrite(_call, { data }) {
    const times = [data.start_time, data.end_time].map((time) => parseDate(String(time ?? '')))
    const [start = null, end = null] = times
    const isBackwards = start !== null && end !== null && end <= start
    return isBackwards ? ['End time must be after start time'] : []
  },
  async view({ data, call }) {
    const { place_id: placeId, ...loc } = data.loc as Loc
    const place = placeId === undefined ? null : await placeOf(call, placeId)
    if (place) return { ...data, loc: { ...loc, place } }
    return data
  },
})

async function placeOf(call: Call, id: string): Promise<Record<string, unknown> | null> {
  const record = await find(call, places, id)
  if (!record || !(await mayRead(call, record))) return null
  return expand(startExpansion(call, viewOptions(call)), places, record, 1, true)
}
