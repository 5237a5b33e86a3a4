import { defineMethod } from '../../engine/definition.ts'
import { described, required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'

/**
 * What the original platform's own pages called. Apps do not, but generated clients name it all:
 * here it is answered, or told where the team does it.
 */
const PLATFORM = { group: 'App', params: {}, returns: {} } as const

export const pingAdmins = defineMethod({
  ...PLATFORM,
  name: 'pingAdmins',
  verb: 'GET',
  path: 'admins/ping',
  auth: 'none',
  summary: 'Answers that the API is there. `/health/ready` tells whether all it needs is too.',
  run: async () => ({}),
})

export const loginAdmin360 = defineMethod({
  ...PLATFORM,
  name: 'login360',
  verb: 'GET',
  path: 'admins/login360',
  auth: 'none',
  summary: 'Refused: the team logs in at the token endpoint of the tools API.',
  async run() {
    throw refused('There is no single sign-on: the team logs in at /oauth2/v1/token.')
  },
})

export const updateOrganization = defineMethod({
  ...PLATFORM,
  name: 'updateOrganization',
  verb: 'PUT',
  alsoBy: 'DELETE',
  path: 'org/:id',
  auth: 'admin',
  summary: 'Refused, as its DELETE is: there are no organizations, and no packages to book.',
  params: { id: described(required(text({ max: 100 })), 'The id of an organization.') },
  async run() {
    throw refused('There are no organizations here: apps are made and deleted by the team.')
  },
})

function refused(message: string): ApiError {
  return new ApiError('role_required', message)
}

export const platformMethods = [pingAdmins, loginAdmin360, updateOrganization]
