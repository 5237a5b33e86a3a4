import { isIP } from 'node:net'
import { defineMethod } from '../../engine/definition.ts'
import { described, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { plainAddress } from '../../lib/public-address.ts'
import { locationOf } from './locations.ts'

const TEXT = { type: 'string' }
const NUMBER = { type: 'number', description: 'degrees' }

/** Where the caller is, as far as the address of a device tells. */
export const geolocateClient = defineMethod({
  name: 'geolocateClient',
  group: 'Client',
  verb: 'GET',
  path: 'clients/geolocate',
  auth: 'none',
  summary: "Tells where an address is: the caller's own, unless another is named.",
  params: { ip_address: described(text({ max: 45 }), 'IPv4 or IPv6.') },
  returns: {
    members: {
      ip_address: TEXT,
      location: {
        type: 'object',
        properties: {
          ...{ country_code: TEXT, city: TEXT, state: TEXT, postal_code: TEXT },
          ...{ latitude: NUMBER, longitude: NUMBER },
        },
        required: ['country_code'],
        additionalProperties: false,
      },
    },
  },
  async run({ context, params, request }) {
    const address = plainAddress((params.ip_address || request.address).trim())
    if (isIP(address) === 0) {
      throw new ApiError('param_invalid', 'Invalid ip_address parameter; value must be an address')
    }
    const location = await locationOf(context.outside.geoipDatabase, address)
    if (!location) throw new ApiError('param_invalid', `The address ${address} cannot be located.`)
    return { response: { ip_address: address, location } }
  },
})
